import {
  type Absence,
  checkRootAnswer,
  decodeRootAnswer,
  encodeRootAnswer,
  encodeRootRequest,
  ReceiptError,
  type RootAnswer,
  type SignedArchiveRoot,
  type SignedMessageReceipt,
} from '@teahouse/protocol/receipts'
import { RootResponse } from '@teahouse/protocol/wire'
import { bytesToHex, hexToBytes, keccak256, stringToHex, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import { StorageError, type KeyValueStore } from '../storage/store.ts'
import { CourtError } from './errors.ts'
import { receiptIn, saidOf } from './said.ts'

/** What convicts a node before the archive court: two roots for one hour that differ, or a root without what a receipt promised. */
export type Evidence = { /** Names it in this book. */ readonly id: string } & (
  | {
      readonly fault: 'equivocation'
      readonly first: SignedArchiveRoot
      readonly second: SignedArchiveRoot
    }
  | {
      readonly fault: 'omission'
      readonly receipt: SignedMessageReceipt
      readonly root: SignedArchiveRoot
      readonly absence: Absence
    }
)

export interface EvidenceDeps {
  readonly chain: Chain
  readonly account: Account
  readonly storage: KeyValueStore
  readonly scope: string
  /** The node of an operator. */
  readonly nodeOf: (operator: number) => Promise<NodeRecord>
  /** One request of `/teahouse/root/1` and its answer. */
  readonly ask: (operator: number, request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>
}

/** An hour of an operator's archive, and perhaps a message that should be in it. */
export interface HourQuestion {
  readonly operator: number
  readonly shard: number
  /** Unix seconds ÷ 3,600, rounded down. */
  readonly hour: bigint
  readonly messageHash?: Hex | undefined
}

export type EvidenceBook = ReturnType<typeof evidenceBook>

const TIMEOUT_MS = 10_000
/** Before what is noted of an omission: the receipt, and the answer with the proof. */
const OMISSION = 'omission'

/**
 * What nodes signed about their archives, the first root of each hour. When another one turns up that differs, both are kept: that is a fault. What
 * was noted is on disk when a call resolves.
 */
export function evidenceBook(deps: EvidenceDeps) {
  const { chain, account, storage, scope, nodeOf } = deps
  const roots = `said-roots/${scope}/`
  const faults = `evidence/${scope}/`
  const court = chain.contracts.ArchiveCourt.address
  const { chainId, clusterId: cluster } = chain.network

  /** Checks an answer against its question, and notes its root. Throws ReceiptError, StorageError. */
  async function note(
    question: HourQuestion & { readonly node: Hex },
    answer: RootAnswer,
  ): Promise<'present' | 'absent' | undefined> {
    const verdict = await checkRootAnswer({ court, chainId, cluster, ...question }, answer)
    const { operator, shard, hour, node } = question
    const key = `${roots}${operator}/${node.toLowerCase()}/${shard}/${hour}`
    const text = await storage.update(key, (old) => old?.value ?? writeRoot({ root: answer.root }))
    const known = readAnswer(key, text).root
    if (differs(known, answer.root)) {
      const id = keccak256(stringToHex(`${key}/${answer.root.count}/${answer.root.root}`)).slice(2, 18)
      await storage.set(faults + id, `${writeRoot({ root: known })} ${writeRoot({ root: answer.root })}`)
    }
    return verdict
  }

  async function ask(question: HourQuestion) {
    const { operator, shard, hour, messageHash } = question
    const { node } = await nodeOf(operator)
    const request = encodeRootRequest(shard, hour, messageHash)
    const answer = decodeRootAnswer(await deps.ask(operator, request, AbortSignal.timeout(TIMEOUT_MS)))
    return { verdict: await note({ ...question, node }, answer), answer }
  }

  async function noteOmission(receipt: SignedMessageReceipt, answer: RootAnswer): Promise<string> {
    const said = saidOf(receipt)
    const id = keccak256(said).slice(2, 18)
    await storage.set(faults + id, `${OMISSION} ${said} ${writeRoot(answer)}`)
    return id
  }

  function readOmission(id: string, said: string, text: string): Evidence {
    const key = faults + id
    const { root, absence } = readAnswer(key, text)
    const receipt = readAs(key, () => receiptIn(said as Hex))
    if (!absence) throw new StorageError('What a node said is damaged', { code: 'CORRUPT', key })
    return { id, fault: 'omission', receipt, root, absence }
  }

  async function find(id: string): Promise<Evidence | undefined> {
    const stored = await storage.get(faults + id)
    if (!stored) return undefined
    const [first = '', second = '', third = ''] = stored.value.split(' ')
    if (first === OMISSION) return readOmission(id, second, third)
    return {
      id,
      fault: 'equivocation',
      first: readAnswer(faults + id, first).root,
      second: readAnswer(faults + id, second).root,
    }
  }

  return {
    note,
    /**
     * Asks an operator's node what it signed of an hour, with a proof about a message if one is named, and notes it: whether the message is in it.
     * Throws ReceiptError, NetError, CallError, StorageError.
     */
    checkHour: async (question: HourQuestion): Promise<'present' | 'absent' | undefined> =>
      (await ask(question)).verdict,
    /**
     * Holds a receipt against the root of its hour. `early` without an answer that counts: no root yet, or a node that can't be asked, or gives
     * none. An omission is on disk when this resolves. Throws CallError, StorageError.
     */
    async checkReceipt(
      receipt: SignedMessageReceipt,
    ): Promise<
      { readonly verdict: 'kept' | 'early' } | { readonly verdict: 'omitted'; readonly evidence: string }
    > {
      const { operator, shard, hour, messageHash } = receipt
      try {
        const { verdict, answer } = await ask({ operator, shard, hour, messageHash })
        if (verdict === 'present') return { verdict: 'kept' }
        return { verdict: 'omitted', evidence: await noteOmission(receipt, answer) }
      } catch (error) {
        if (error instanceof ReceiptError || error instanceof NetError) return { verdict: 'early' }
        throw error
      }
    },
    async list(): Promise<Evidence[]> {
      const ids = (await storage.keys(faults)).map((key) => key.slice(faults.length))
      return (await Promise.all(ids.map(find))).filter((one) => one !== undefined)
    },
    /** Convicts; the reward for an equivocation is this account's, for an omission the receipt's client's. */
    async submit(id: string): Promise<TxResult> {
      const found = await find(id)
      if (!found) throw new CourtError(`There is no evidence ${id}`, { code: 'UNKNOWN_EVIDENCE', id })
      if (found.fault === 'omission') {
        const { receipt, root, absence } = found
        return chain.write({
          action: 'convict the node of omission',
          contract: 'ArchiveCourt',
          functionName: 'convictOmission',
          args: [receipt, receipt.signature, root, root.signature, absence],
        })
      }
      const { first, second } = found
      return chain.write({
        action: 'convict the node of equivocation',
        contract: 'ArchiveCourt',
        functionName: 'convictEquivocation',
        args: [first, first.signature, second, second.signature, account.address],
      })
    },
  }
}

const differs = (a: SignedArchiveRoot, b: SignedArchiveRoot): boolean =>
  a.count !== b.count || a.root.toLowerCase() !== b.root.toLowerCase()

/** A root, and perhaps a proof, as the node's answer to a request for it. */
function writeRoot(answer: RootAnswer): string {
  return bytesToHex(RootResponse.encode({ requestId: '', statusCode: 200, ...encodeRootAnswer(answer) }))
}

const readAnswer = (key: string, text: string): RootAnswer =>
  readAs(key, () => decodeRootAnswer(hexToBytes(text as Hex)))

function readAs<T>(key: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new StorageError('What a node said is damaged', { code: 'CORRUPT', key }, { cause })
  }
}
