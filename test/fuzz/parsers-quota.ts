import { readMessageReceipt, writeMessageReceipt } from '../../client/src/courts/message-receipts.ts'
import { decodeMessageReceipt, encodeMessageReceipt } from '../../protocol/src/receipts/message-receipt.ts'
import { decodeQuotaProof } from '../../protocol/src/rln/quota-proof.ts'
import { decode, PayRequest, RootResponse } from '../../protocol/src/wire/index.ts'

const ADDRESS = '0x1000000000000000000000000000000000000001' as const
const RECEIPT = {
  ...{ operator: 1, cluster: 1984, shard: 3, hour: 7n, liability: 9n },
  client: ADDRESS,
  messageHash: `0x${'12'.repeat(32)}`,
  signature: `0x${'34'.repeat(65)}`,
} as const
const SMALL = new Uint8Array(32).fill(1)
const PROOF = {
  ...{ day: 20_000, messageId: 0, proof: new Uint8Array(128).fill(1) },
  ...{ merkleRoot: SMALL, shareY: SMALL, nullifier: SMALL },
}

/** Proofs of members for a day's quota, and receipts for messages. */
export const quotaParsers = [
  {
    name: 'quota proof',
    takes: 'bytes' as const,
    good: [PayRequest.encode({ requestId: 'a', quotaProof: PROOF })],
    parse(bytes: Uint8Array) {
      const { quotaProof } = decode(PayRequest, bytes)
      return quotaProof && decodeQuotaProof(quotaProof, 1)
    },
  },
  {
    name: 'message receipt',
    takes: 'bytes' as const,
    good: [RootResponse.encode({ requestId: '', statusCode: 200, ...encodeMessageReceipt(RECEIPT) })],
    parse: decodeMessageReceipt,
  },
  {
    name: 'message receipt as text',
    takes: 'text' as const,
    good: [writeMessageReceipt({ chainId: 31337, court: ADDRESS, receipt: RECEIPT })],
    parse: readMessageReceipt,
  },
]
