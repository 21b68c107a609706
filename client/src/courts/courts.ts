import { challengeBond, contentTree, receiptId, type StorageReceipt } from '@teahouse/protocol/receipts'
import { isAddressEqual, type Address, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { approve, requireTokens } from '../chain/token.ts'
import { checkReceipt, type ReceiptAbout } from './check-receipt.ts'
import { CourtError } from './errors.ts'
import type { Evidence, EvidenceBook } from './evidence.ts'
import { readReceipt, writeReceipt, type KeptReceipt } from './receipt-text.ts'
import type { ReceiptStore } from './receipt-store.ts'

/** Where a receipt stands before the court. */
export interface CourtCase {
  readonly id: Hex
  /** `quiet`: nobody asks. `open`: waits for its draw. `drawn`: waits for the answer. `convicted`: the operator was slashed. */
  readonly stage: 'quiet' | 'open' | 'drawn' | 'convicted'
  /** Last unix second to draw, or to answer. */
  readonly deadline: number | undefined
  /** The leaf that was drawn. */
  readonly index: number | undefined
  /** Wei that the challenge brought. */
  readonly bond: bigint
  /** Challenges so far. */
  readonly challenges: number
  /** Unix second at which a notice ends the promise early. */
  readonly endsAt: number | undefined
  /** What may be done now: by anybody, but `challenge` by the client alone, and `answer` by who has the content. */
  readonly next: 'challenge' | 'wait' | 'draw' | 'answer' | 'lapse' | 'convict' | 'nothing'
}

export interface CourtsDeps {
  readonly chain: Chain
  readonly account: Account
  /** The receipts of this account on this chain. */
  readonly store: ReceiptStore
  readonly evidence: EvidenceBook
}

const STAGES = ['quiet', 'open', 'drawn', 'convicted'] as const
/** Blocks whose hashes the court can know. */
const HASHES_KEPT = 256
/** The base fee may rise by an eighth a block until the challenge is mined: this is three blocks of it. */
const FEE_PERCENT = 150n

export type Courts = ReturnType<typeof createCourts>

/** Receipts of this account, and what can be done with them before the retrieval court. */
export function createCourts({ chain, account, store, evidence }: CourtsDeps) {
  const { RetrievalCourt } = chain.contracts
  const contract = 'RetrievalCourt' as const

  async function stateOf(receipt: StorageReceipt): Promise<CourtCase> {
    const id = receiptId(receipt)
    const [found, head] = await Promise.all([
      chain.read('read the case', () => RetrievalCourt.read.caseOf([id])),
      chain.head(),
    ])
    const { bond, challenges, endsAt, index } = found
    const stage = STAGES[found.stage]!
    const isRunning = stage === 'open' || stage === 'drawn'
    const isOver = head.timestamp >= (endsAt || receipt.until)
    return {
      ...{ id, stage, bond, challenges, next: nextOf({ ...found, stage, isOver }, head) },
      deadline: isRunning ? found.deadline : undefined,
      index: stage === 'drawn' ? Number(index) : undefined,
      endsAt: endsAt || undefined,
    }
  }

  const call = (functionName: string, action: string, args: readonly unknown[], value?: bigint) =>
    chain.write({ action, contract, functionName, args, ...(value !== undefined && { value }) })

  async function requireNext(receipt: StorageReceipt, wanted: readonly CourtCase['next'][]) {
    const state = await stateOf(receipt)
    const { id, stage, next, deadline } = state
    if (wanted.includes(next)) return state
    if (next === 'wait') {
      const detail = { code: 'TOO_EARLY', id, from: deadline } as const
      throw new CourtError('It is too early for this; the leaf is not drawn yet', detail)
    }
    if (next === 'answer' && stage === 'drawn') {
      const message = `The node has until ${new Date(1_000 * deadline!).toISOString()} to answer`
      throw new CourtError(message, { code: 'TOO_EARLY', id, from: deadline! + 1 })
    }
    throw new CourtError(`The case is ${stage}: this can't be done now`, { code: 'WRONG_STAGE', id, stage })
  }

  /** What a challenge has to bring now, with room for a rise of the fee; it comes back, or pays for the answer. */
  async function bond({ size }: StorageReceipt): Promise<bigint> {
    const { baseFeePerGas } = await chain.read('read the base fee', () => chain.reader.getBlock())
    return challengeBond(size, ((baseFeePerGas ?? 0n) * FEE_PERCENT) / 100n + 1n)
  }

  async function penalty({ liability }: StorageReceipt): Promise<bigint> {
    const bps = await chain.read('read the penalty', () => RetrievalCourt.read.penaltyBps())
    return (liability * BigInt(bps) + 9_999n) / 10_000n
  }

  return {
    /**
     * Keeps a receipt that a node gave for this content, if it is worth anything: docs/wire/receipt.md. It is on disk when this resolves. Throws
     * CourtError BAD_RECEIPT, ReceiptError, CallError, StorageError.
     */
    async keep(
      signed: Pick<KeptReceipt, 'receipt' | 'signature'>,
      about: Omit<ReceiptAbout, 'client'> & { readonly client?: Address },
    ): Promise<KeptReceipt & { readonly id: Hex }> {
      const { receipt, signature } = signed
      const kept = { chainId: chain.network.chainId, court: RetrievalCourt.address, receipt, signature }
      const expected = { client: account.address, ...about }
      const id = await checkReceipt(chain, kept, expected)
      await store.put(kept)
      return { ...kept, id }
    },
    receipts: store.list,
    receipt: store.get,
    /** Forgets a receipt: nobody can be asked with it any more. */
    forget: store.remove,
    /** The receipt as one line of text, for whom it is handed to. Throws CourtError UNKNOWN_RECEIPT. */
    exportReceipt: async (id: Hex): Promise<string> => writeReceipt(await store.get(id)),
    /**
     * Takes a receipt that somebody handed over, for whomever it is; a court would convict with it, or it is refused. What it is about is not
     * checked: whoever has the content compares its root. Throws CourtError NOT_A_RECEIPT, BAD_RECEIPT, ReceiptError, CallError.
     */
    async importReceipt(text: string): Promise<KeptReceipt & { readonly id: Hex }> {
      const kept = readReceipt(text)
      const id = await checkReceipt(chain, kept, kept.receipt)
      await store.put(kept)
      return { ...kept, id }
    },
    state: stateOf,
    bond,
    penalty,
    /** The client of the receipt: asks for a leaf, and brings the bond. Throws CourtError NOT_CLIENT, WRONG_STAGE; CallError. */
    async challenge({ receipt, signature }: KeptReceipt): Promise<TxResult & { readonly bond: bigint }> {
      if (!isAddressEqual(receipt.client, account.address))
        throw new CourtError(`Only ${receipt.client} may challenge with this receipt`, {
          code: 'NOT_CLIENT',
          client: receipt.client,
        })
      await requireNext(receipt, ['challenge'])
      const value = await bond(receipt)
      const tx = await call('challenge', 'challenge the node', [receipt, signature], value)
      return { ...tx, bond: value }
    },
    /** Anybody: fixes the leaf that was drawn, so that the node has to show it. */
    async draw(receipt: StorageReceipt): Promise<TxResult> {
      await requireNext(receipt, ['draw'])
      return call('draw', 'draw a leaf', [receipt])
    },
    /** Anybody who has the content: shows the leaf that was drawn; the node is paid the bond. Throws CourtError WRONG_CONTENT. */
    async answer(receipt: StorageReceipt, content: Uint8Array): Promise<TxResult> {
      const tree = contentTree(content)
      const id = receiptId(receipt)
      if (tree.root !== receipt.root.toLowerCase() || tree.size !== receipt.size)
        throw new CourtError('This is not what the receipt is about', { code: 'WRONG_CONTENT', id })
      const { next } = await requireNext(receipt, ['draw', 'answer'])
      if (next === 'draw') await call('draw', 'draw a leaf', [receipt])
      const { index } = await stateOf(receipt)
      if (index === undefined)
        throw new CourtError('Nothing is drawn', { code: 'WRONG_STAGE', id, stage: 'open' })
      const { leaf, path } = tree.answer(index)
      return call('answer', 'answer the challenge', [receipt, leaf, path])
    },
    /**
     * Anybody: brings a challenge to its end if its time has come. A leaf that can be drawn is drawn; a challenge that nobody drew lapses; one that
     * the node left unanswered convicts it. Throws CourtError TOO_EARLY, WRONG_STAGE; CallError.
     */
    async resolve(
      receipt: StorageReceipt,
    ): Promise<TxResult & { readonly did: 'draw' | 'lapse' | 'convict' }> {
      const { next } = await requireNext(receipt, ['draw', 'lapse', 'convict'])
      const did = next as 'draw' | 'lapse' | 'convict'
      return { ...(await call(did, `${did} the case`, [receipt])), did }
    },
    /** Owner or node key of the operator: ends the promise early and pays the penalty to the client. Throws CallError. */
    async giveNotice(receipt: StorageReceipt): Promise<TxResult & { readonly penalty: bigint }> {
      const costs = await penalty(receipt)
      await requireTokens(chain, costs)
      await approve(chain, contract, costs)
      return { ...(await call('giveNotice', 'end the promise', [receipt])), penalty: costs }
    },
    /** What was gathered that convicts a node. */
    evidence: (): Promise<Evidence[]> => evidence.list(),
    /** Gives evidence to the archive court. Throws CourtError UNKNOWN_EVIDENCE, CallError. */
    submit: (id: string): Promise<TxResult> => evidence.submit(id),
    /** Asks a node what it said of an hour, and notes it. */
    checkHour: evidence.checkHour,
  }
}

function nextOf(
  found: { stage: CourtCase['stage']; drawBlock: number; deadline: number; isOver: boolean },
  head: { readonly number: bigint; readonly timestamp: number },
): CourtCase['next'] {
  const { stage, drawBlock, deadline, isOver } = found
  const isLate = head.timestamp > deadline
  if (stage === 'convicted') return 'nothing'
  if (stage === 'quiet') return isOver ? 'nothing' : 'challenge'
  if (stage === 'drawn') return isLate ? 'convict' : 'answer'
  if (isLate || head.number > BigInt(drawBlock + HASHES_KEPT)) return 'lapse'
  return head.number > BigInt(drawBlock) ? 'draw' : 'wait'
}
