import { getAddress } from 'viem'
import {
  decodeEnvelope,
  encodeEnvelope,
  readEnvelopeLink,
  writeEnvelopeLink,
  type EnvelopeContent,
} from '../../client/src/envelopes/content.ts'
import { readPaymentLink, writePaymentLink } from '../../client/src/money/link.ts'

const ADDRESS = getAddress(`0x${'1'.repeat(40)}`)
const WORD = `0x${'12'.repeat(32)}` as const
const HEAD = {
  ...{ chainId: 31_337, envelopes: ADDRESS, creator: ADDRESS, amount: 9n, shares: 3, expiry: 9 },
  ...{ salt: WORD, note: 'tea' },
}
const ENVELOPES: readonly EnvelopeContent[] = [
  { kind: 'open', ...HEAD, split: 'equal', secret: new Uint8Array(32).fill(7) },
  { kind: 'share', ...HEAD, root: WORD, index: 1, share: 4n, key: WORD, path: [WORD, WORD] },
  { kind: 'gated', ...HEAD, group: 'tea', members: [1n, 2n] },
]

/** What people hand to each other to be paid, or to pay. */
export const moneyParsers = [
  { name: 'envelope', takes: 'bytes' as const, good: ENVELOPES.map(encodeEnvelope), parse: decodeEnvelope },
  {
    name: 'envelope link',
    takes: 'text' as const,
    good: ENVELOPES.map(writeEnvelopeLink),
    parse: readEnvelopeLink,
  },
  {
    name: 'payment link',
    takes: 'text' as const,
    good: [
      writePaymentLink({ chainId: 31_337, token: ADDRESS, to: ADDRESS }),
      writePaymentLink({ chainId: 1, token: ADDRESS, to: ADDRESS, amount: 10n ** 30n }),
    ],
    parse: readPaymentLink,
  },
]
