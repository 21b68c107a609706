import { asksForPayment } from '@teahouse/protocol/payments'
import {
  checkMessageReceipt,
  decodeMessageReceipt,
  encodeReceiptRequest,
  hourOf,
  messageReceiptId,
  ReceiptError,
  ROOT_STATUS,
  type SignedMessageReceipt,
} from '@teahouse/protocol/receipts'
import { getAddress, isAddressEqual, type Address, type Hex } from 'viem'
import { z } from 'zod'
import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import { StorageError, type KeyValueStore } from '../storage/store.ts'
import { badReceipt, CourtError } from './errors.ts'
import type { EvidenceBook } from './evidence.ts'
import { receiptIn, saidOf } from './said.ts'

/** A receipt for a message, and the court that it was signed for. */
export interface KeptMessageReceipt {
  readonly id: Hex
  readonly chainId: number
  readonly court: Address
  readonly receipt: SignedMessageReceipt
}

/**
 * What became of a promise. `kept`: the message is in the signed root. `early`: no root of its hour is signed yet, or the node gave none.
 * `omitted`: it is not in the root; `evidence` convicts the node.
 */
export type Checked =
  | { readonly id: Hex; readonly verdict: 'kept' | 'early' }
  | { readonly id: Hex; readonly verdict: 'omitted'; readonly evidence: string }

export interface MessageReceiptsDeps {
  readonly chain: Chain
  readonly account: Account
  /** Sealed: it names what this account sent, or was sent. */
  readonly store: KeyValueStore
  readonly nodeOf: (operator: number) => Promise<NodeRecord>
  /** One request of `/teahouse/root/1` and its answer. */
  readonly ask: (operator: number, request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>
  readonly evidence: Pick<EvidenceBook, 'checkReceipt'>
  /** Pays a node for one request. */
  readonly pay: (node: NodeRecord) => Promise<void>
}

export type MessageReceipts = ReturnType<typeof createMessageReceipts>

const TIMEOUT_MS = 10_000
const HOUR_SECONDS = 3_600n
/** How long after its hour the stake has to stay at least, for a client that checks a day later; or as long as a thaw takes, if that is shorter. */
const COVERED_SECONDS = 86_400
const STORE_SERVICE = 1
const MAX_TEXT = 2_048
export const MESSAGE_RECEIPTS = 'message-receipts/'

const Text = z.strictObject({
  teahouse: z.literal('message receipt'),
  chainId: z.int().min(1),
  court: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  said: z.string().regex(/^0x[0-9a-f]+$/),
})

/** Receipts that nodes signed for messages: kept, handed on, and held against the roots of their hours. */
export function createMessageReceipts(deps: MessageReceiptsDeps) {
  const { chain, account, store, nodeOf, evidence } = deps
  const court = chain.contracts.ArchiveCourt.address
  const { chainId, clusterId: cluster } = chain.network

  /** Whether the court would convict with it by what is known now. Throws CourtError BAD_RECEIPT, ReceiptError, CallError. */
  async function check(receipt: SignedMessageReceipt, node: Address): Promise<void> {
    await checkMessageReceipt({ court, chainId, node, ...receipt, cluster }, receipt)
    const { operator, hour, liability } = receipt
    const { OperatorStaking } = chain.contracts
    const staked = await chain.read('read the stake behind the receipt', async () => {
      const [{ timestamp }, { thawSeconds }] = await Promise.all([
        chain.head(),
        OperatorStaking.read.provision([operator, STORE_SERVICE]),
      ])
      // Nobody knows of longer than a thaw that begins now.
      const until = Math.min(Number((hour + 1n) * HOUR_SECONDS) + COVERED_SECONDS, timestamp + thawSeconds)
      return OperatorStaking.read.slashableUntil([operator, STORE_SERVICE, court, until])
    })
    if (liability === 0n || staked < liability)
      throw badReceipt('no stake that the archive court can slash stands behind it')
  }

  const ask = async (operator: number, request: Uint8Array): Promise<SignedMessageReceipt> =>
    decodeMessageReceipt(await deps.ask(operator, request, AbortSignal.timeout(TIMEOUT_MS)))

  async function keep(receipt: SignedMessageReceipt): Promise<KeptMessageReceipt> {
    const id = messageReceiptId({ court, chainId }, receipt)
    const kept = { id, chainId, court, receipt }
    await store.set(MESSAGE_RECEIPTS + id, writeMessageReceipt(kept))
    return kept
  }

  async function list(): Promise<KeptMessageReceipt[]> {
    const keys = await store.keys(MESSAGE_RECEIPTS)
    const texts = await Promise.all(keys.map(async (key) => ({ key, text: (await store.get(key))?.value })))
    return texts.flatMap(({ key, text }) => (text === undefined ? [] : [stored(key, text)]))
  }

  async function settle({ id, receipt }: KeptMessageReceipt): Promise<Checked> {
    const found = await evidence.checkReceipt(receipt)
    if (found.verdict === 'early') return { id, verdict: 'early' }
    await store.delete(MESSAGE_RECEIPTS + id) // it has become evidence, or nothing is owed any more
    return { id, ...found }
  }

  return {
    /**
     * Asks an operator's node to sign that a message which it keeps will be in the root of its hour, and keeps the receipt: it is on disk when
     * this resolves. The node learns this account's address. Throws ReceiptError, CourtError BAD_RECEIPT, NetError, CallError, StorageError.
     */
    async request(wanted: {
      readonly operator: number
      readonly shard: number
      readonly messageHash: Hex
      /** Of the message, nanoseconds since 1970. */
      readonly timestamp: bigint
      /** Pay for the request if the node asks for it: one `store-query`, at the price of its offer. */
      readonly pay?: boolean | undefined
    }): Promise<KeptMessageReceipt> {
      const { operator, shard, messageHash, timestamp, pay } = wanted
      const question = { operator, shard, messageHash, hour: hourOf(timestamp), client: account.address }
      const node = await nodeOf(operator)
      const receipt = await ask(operator, encodeReceiptRequest(question)).catch(async (error: unknown) => {
        if (!pay || !isUnpaid(error)) throw error
        await deps.pay(node)
        return await ask(operator, encodeReceiptRequest(question))
      })
      await checkMessageReceipt({ court, chainId, cluster, node: node.node, ...question }, receipt)
      await check(receipt, node.node)
      return await keep(receipt)
    },
    list,
    /** The receipt as one line of text, for whom the message was for. Throws CourtError UNKNOWN_RECEIPT. */
    async export(id: Hex): Promise<string> {
      const text = await store.get(MESSAGE_RECEIPTS + id.toLowerCase())
      if (!text) throw new CourtError(`There is no receipt ${id}`, { code: 'UNKNOWN_RECEIPT', id })
      return text.value
    },
    /** Takes a receipt that somebody handed over, for whomever it is. Throws CourtError NOT_A_RECEIPT, BAD_RECEIPT, ReceiptError, CallError. */
    async import(text: string): Promise<KeptMessageReceipt> {
      const given = readMessageReceipt(text)
      if (given.chainId !== chainId || !isAddressEqual(given.court, court))
        throw badReceipt('it is for another court')
      const { node } = await nodeOf(given.receipt.operator)
      await check(given.receipt, node)
      return await keep(given.receipt)
    },
    /**
     * Holds every receipt whose hour is over against the root that the node signed. What is in it is forgotten; what is not has become
     * evidence, on disk. Throws CallError, StorageError.
     */
    async checkAll(): Promise<Checked[]> {
      const { timestamp } = await chain.head()
      const results: Checked[] = []
      for (const kept of await list()) {
        const isOver = BigInt(timestamp) >= (kept.receipt.hour + 1n) * HOUR_SECONDS
        results.push(isOver ? await settle(kept) : { id: kept.id, verdict: 'early' })
      }
      return results
    },
  }
}

/** Whether a payment lifts the refusal. */
const isUnpaid = (error: unknown): boolean =>
  error instanceof ReceiptError &&
  error.detail.code === 'REFUSED' &&
  error.detail.status === ROOT_STATUS.tooManyRequests &&
  asksForPayment(error.detail.description)

/** One line of JSON. */
export function writeMessageReceipt({ chainId, court, receipt }: Omit<KeptMessageReceipt, 'id'>): string {
  return JSON.stringify({ teahouse: 'message receipt', chainId, court, said: saidOf(receipt) })
}

/** Reads what `writeMessageReceipt` wrote; nothing of it is believed yet. Throws CourtError NOT_A_RECEIPT. */
export function readMessageReceipt(text: string): KeptMessageReceipt {
  try {
    const { chainId, court, said } = Text.parse(text.length <= MAX_TEXT ? JSON.parse(text) : undefined)
    const receipt = receiptIn(said as Hex)
    const at = { chainId, court: getAddress(court) }
    return { id: messageReceiptId(at, receipt), ...at, receipt }
  } catch (cause) {
    throw new CourtError('This is no receipt for a message', { code: 'NOT_A_RECEIPT' }, { cause })
  }
}

function stored(key: string, text: string): KeptMessageReceipt {
  try {
    return readMessageReceipt(text)
  } catch (cause) {
    throw new StorageError('A receipt is damaged', { code: 'CORRUPT', key }, { cause })
  }
}
