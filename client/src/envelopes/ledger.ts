import { abis } from '@teahouse/protocol/chain'
import { envelopeId, type Terms } from '@teahouse/protocol/envelopes'
import { isAddressEqual, type Address, type Hex } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { termsOf, type EnvelopeContent } from './content.ts'
import { EnvelopesError } from './errors.ts'

/** A share that was paid. */
export interface PaidShare {
  readonly recipient: Address
  /** Of the share; undefined if the envelope is for a group. */
  readonly index?: number | undefined
  /** In the token's smallest unit. */
  readonly amount: bigint
  readonly hash: Hex
}

/**
 * `open`: it can be opened; `empty`: all was taken; `expired`: what is left can go back; `refunded`: it went back; `unknown`: the chain has no
 * such envelope.
 */
export type EnvelopeState = 'open' | 'empty' | 'expired' | 'refunded' | 'unknown'

export interface OnChain {
  readonly state: EnvelopeState
  readonly left: bigint
  /** Bit `index` of each share that was claimed; if gated, how many. */
  readonly claimed: bigint
}

export type EnvelopeLedger = ReturnType<typeof envelopeLedger>

const EVENTS = { abi: abis.RedEnvelope, fromBlock: 0n, strict: true } as const

/** What the chain says of envelopes. Everything throws CallError and ChainNodesError. */
export function envelopeLedger(chain: Chain) {
  const { chainId, contracts } = chain.network
  const { RedEnvelope } = chain.contracts
  const { address } = RedEnvelope
  const idOf = (terms: Terms): Hex => envelopeId(address, chainId, terms)

  async function wasRefunded(envelope: Hex): Promise<boolean> {
    const found = await chain.reader.getContractEvents({
      ...{ ...EVENTS, address, eventName: 'EnvelopeRefunded', args: { envelope } },
    })
    return found.length > 0
  }

  return {
    idOf,
    /** The terms of a content, and the name of its envelope. Throws EnvelopesError OTHER_NETWORK, BAD_ENVELOPE. */
    nameOf(content: EnvelopeContent): { readonly id: Hex; readonly terms: Terms } {
      if (content.chainId !== chainId || !isAddressEqual(content.envelopes, contracts.RedEnvelope)) {
        const detail = {
          code: 'OTHER_NETWORK',
          chainId: content.chainId,
          envelopes: content.envelopes,
        } as const
        throw new EnvelopesError(`The envelope is of another network (chain ${content.chainId})`, detail)
      }
      const terms = termsOf(content)
      return { id: idOf(terms), terms }
    },
    async look(id: Hex, { expiry }: Pick<Terms, 'expiry'>): Promise<OnChain> {
      const { left, claimed } = await chain.read('read the envelope', () => RedEnvelope.read.envelope([id]))
      if (left > 0n) {
        const { timestamp } = await chain.head()
        return { state: timestamp < expiry ? 'open' : 'expired', left, claimed }
      }
      const refunded = await chain.read('read the envelope', () => wasRefunded(id))
      return { state: refunded ? 'refunded' : claimed > 0n ? 'empty' : 'unknown', left, claimed }
    },
    /** Who has had a share. */
    async paid(envelope: Hex): Promise<PaidShare[]> {
      const of = { ...EVENTS, address, args: { envelope } }
      const [plain, gated] = await chain.read('read who has had a share', () =>
        Promise.all([
          chain.reader.getContractEvents({ ...of, eventName: 'ShareClaimed' }),
          chain.reader.getContractEvents({ ...of, eventName: 'GatedShareClaimed' }),
        ]),
      )
      return [
        ...plain.map(({ args: { recipient, index, amount }, transactionHash: hash }) => {
          return { recipient, index, amount, hash }
        }),
        ...gated.map(({ args: { recipient, amount }, transactionHash: hash }) => ({
          recipient,
          amount,
          hash,
        })),
      ]
    },
    /** The terms of envelopes by name or by who made them. */
    async created(args: { readonly envelope?: Hex; readonly creator?: Address }): Promise<Terms[]> {
      const found = await chain.read('look up envelopes', () =>
        chain.reader.getContractEvents({ ...EVENTS, address, eventName: 'EnvelopeCreated', args }),
      )
      return found.map(({ args: { terms } }) => terms)
    },
  }
}
