import { contradicts, verifyAnswer, type SignedChainAnswer } from '@teahouse/protocol/chain-relay'
import { concatHex, isAddress, isHex, keccak256, type Hex } from 'viem'
import type { KeyValueStore } from '../storage/store.ts'

/** Two signed answers that can't both be true: one of the two nodes lied, and everybody who has the chain can see which. */
export interface Contradiction {
  readonly one: SignedChainAnswer
  readonly other: SignedChainAnswer
}

export type Evidence = ReturnType<typeof chainEvidence>

const PREFIX = 'evidence/chain/'
/** More are not kept: a node that lies can sign as many as it likes. */
const MAX_KEPT = 1_000

/** Contradictions that this device has seen, on disk until somebody removes them. */
export function chainEvidence(storage: KeyValueStore) {
  return {
    /** Keeps both answers; they are known to be signed by their nodes. */
    async keep({ one, other }: Contradiction): Promise<void> {
      if ((await storage.keys(PREFIX)).length >= MAX_KEPT) return
      const key = keccak256(concatHex([one.signature, other.signature])).slice(2, 34)
      await storage.set(
        PREFIX + key,
        JSON.stringify({ one, other }, (_, value: unknown) => plain(value)),
      )
    },
    /** All that was kept, its signatures checked again; what is damaged is left out. */
    async list(): Promise<Contradiction[]> {
      const keys = await storage.keys(PREFIX)
      const found = await Promise.all(
        keys.map(async (key) => readContradiction((await storage.get(key))?.value ?? '')),
      )
      return found.filter((one) => one !== undefined)
    },
  }
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value)

/** Undefined unless the text is a contradiction, signed by both. */
export async function readContradiction(text: string): Promise<Contradiction | undefined> {
  try {
    const { one, other } = JSON.parse(text) as Record<'one' | 'other', Record<string, unknown>>
    const found = { one: answerOf(one), other: answerOf(other) }
    if (!contradicts(found.one, found.other)) return undefined
    await Promise.all([verifyAnswer(found.one), verifyAnswer(found.other)])
    return found
  } catch {
    return undefined
  }
}

function answerOf(fields: Record<string, unknown>): SignedChainAnswer {
  const { chainId, node, blockHash, question, answer, signature } = fields
  const isWhole =
    Number.isSafeInteger(chainId) &&
    [blockHash, question, answer, signature].every((value) => isHex(value)) &&
    isAddress(String(node))
  if (!isWhole) throw new TypeError('no signed answer')
  const texts = { blockHash, question, answer, signature } as Record<
    'blockHash' | 'question' | 'answer' | 'signature',
    Hex
  >
  return {
    ...texts,
    chainId: Number(chainId),
    node: node as Hex,
    blockNumber: BigInt(String(fields['blockNumber'])),
    blockTime: BigInt(String(fields['blockTime'])),
  }
}
