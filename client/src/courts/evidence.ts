import {
  checkRootAnswer,
  decodeRootAnswer,
  encodeRootAnswer,
  encodeRootRequest,
  type RootAnswer,
  type SignedArchiveRoot,
} from '@teahouse/protocol/receipts'
import { RootResponse } from '@teahouse/protocol/wire'
import { bytesToHex, hexToBytes, keccak256, stringToHex, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import { StorageError, type KeyValueStore } from '../storage/store.ts'
import { CourtError } from './errors.ts'

/** What convicts a node before the archive court: two roots for one hour that differ. */
export interface Evidence {
  /** Names it in this book. */
  readonly id: string
  readonly fault: 'equivocation'
  readonly first: SignedArchiveRoot
  readonly second: SignedArchiveRoot
}

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

/**
 * What nodes signed about their archives, the first root of each hour. When another one turns up that differs, both are kept: that is a fault. What
 * was noted is on disk when a call resolves.
 */
export function evidenceBook({ chain, account, storage, scope, nodeOf, ask }: EvidenceDeps) {
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
    const known = readRoot(key, await storage.update(key, (old) => old?.value ?? writeRoot(answer.root)))
    if (differs(known, answer.root)) {
      const id = keccak256(stringToHex(`${key}/${answer.root.count}/${answer.root.root}`)).slice(2, 18)
      await storage.set(faults + id, `${writeRoot(known)} ${writeRoot(answer.root)}`)
    }
    return verdict
  }

  async function find(id: string): Promise<Evidence | undefined> {
    const stored = await storage.get(faults + id)
    if (!stored) return undefined
    const [first = '', second = ''] = stored.value.split(' ')
    return {
      id,
      fault: 'equivocation',
      first: readRoot(faults + id, first),
      second: readRoot(faults + id, second),
    }
  }

  return {
    note,
    /**
     * Asks an operator's node what it signed of an hour, with a proof about a message if one is named, and notes it: whether the message is in it.
     * Throws ReceiptError, NetError, CallError, StorageError.
     */
    async checkHour(question: HourQuestion): Promise<'present' | 'absent' | undefined> {
      const { operator, shard, hour, messageHash } = question
      const { node } = await nodeOf(operator)
      const request = encodeRootRequest(shard, hour, messageHash)
      const answer = decodeRootAnswer(await ask(operator, request, AbortSignal.timeout(TIMEOUT_MS)))
      return note({ ...question, node }, answer)
    },
    async list(): Promise<Evidence[]> {
      const ids = (await storage.keys(faults)).map((key) => key.slice(faults.length))
      return (await Promise.all(ids.map(find))).filter((one) => one !== undefined)
    },
    /** Convicts; the reward is this account's. */
    async submit(id: string): Promise<TxResult> {
      const found = await find(id)
      if (!found) throw new CourtError(`There is no evidence ${id}`, { code: 'UNKNOWN_EVIDENCE', id })
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

/** A root as the node's answer to a request for it. */
function writeRoot(root: SignedArchiveRoot): string {
  return bytesToHex(RootResponse.encode({ requestId: '', statusCode: 200, ...encodeRootAnswer({ root }) }))
}

function readRoot(key: string, text: string): SignedArchiveRoot {
  try {
    return decodeRootAnswer(hexToBytes(text as Hex)).root
  } catch (cause) {
    throw new StorageError('What a node said is damaged', { code: 'CORRUPT', key }, { cause })
  }
}
