import {
  encodeQuotaProof,
  quotaDay,
  quotaExternalNullifier,
  QUOTA_DAY_SECONDS,
  quotaX,
  type HomeMembers,
  type Member,
} from '@teahouse/protocol/rln'
import { PROTOCOLS, PayRequest, PayResponse, QuotaProof, decode } from '@teahouse/protocol/wire'
import type { Account } from '../account/account.ts'
import { fromBase64, toBase64 } from '../base64.ts'
import type { Membership } from '../membership/membership.ts'
import type { LedgerView } from '../membership/view.ts'
import { requestId } from '../messaging/request-id.ts'
import type { Proving } from '../messaging/proving.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import type { KeyValueStore } from '../storage/store.ts'
import type { Offers } from './offers.ts'

const ANSWER_BYTES = 4 * 1024
const MAX_SERVICES = 32
/** Message id of the day's proof; an operator may take others, but one says the least of a membership. */
const MESSAGE_ID = 0
const FOLDER = 'quota/'
/** So long a node is not asked again that gave nothing: the account may join, or name another home. */
const RETRY_MS = 600_000

/** Units of services that are asked for together, by service. */
type Order = Readonly<Record<string, number>>

export interface MemberQuotaOptions {
  /**
   * Members that the home must have at least: a proof says that one of them asks. Default 8.
   */
  readonly smallestSet?: number | undefined
}

export interface MemberQuotaDeps {
  readonly account: Account
  readonly membership: Pick<Membership, 'activeIn'>
  readonly ledgerView: LedgerView
  readonly proving: Pick<Proving, 'proveInput'>
  readonly offers: Pick<Offers, 'get'>
  readonly peer: Pick<Peer, 'request'>
  /** Sealed: a day's proof names the day's nullifier, and so what was asked under it. */
  readonly store: KeyValueStore
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What a node gives for nothing to those whose home its operator is. */
export interface MemberQuota {
  /**
   * True if the node now has free units for the order, so that asking again makes sense; false if it gives none, is not this account's home,
   * or the day's quota is used up. Makes a proof at most once a day, and shows the very same one again. Throws NetError, PayError,
   * ProofError, CallError.
   */
  open(node: NodeRecord, order: Order): Promise<boolean>
}

/** Builds what turns a membership into a day's free quota at its home operator. */
export function createMemberQuota(deps: MemberQuotaDeps, options: MemberQuotaOptions = {}): MemberQuota {
  const { account, ledgerView, peer, store, now } = deps
  const { smallestSet = 8 } = options
  const today = () => quotaDay(Math.floor(now() / 1_000))
  /** `operator service` of what is not to be had, and until when (milliseconds since 1970). */
  const without = new Map<string, number>()
  let last: Promise<unknown> = Promise.resolve()

  const keyOf = (day: number, operatorId: number) => `${FOLDER}${day}-${operatorId}`

  async function recall(day: number, operatorId: number): Promise<QuotaProof | undefined> {
    const bytes = fromBase64((await store.get(keyOf(day, operatorId)))?.value ?? '')
    return bytes && bytes.length > 0 ? decode(QuotaProof, bytes) : undefined
  }

  async function remember(proof: QuotaProof, operatorId: number): Promise<void> {
    for (const key of await store.keys(FOLDER)) {
      if (!key.startsWith(`${FOLDER}${proof.day}-`)) await store.delete(key)
    }
    await store.set(keyOf(proof.day, operatorId), toBase64(QuotaProof.encode(proof)))
  }

  /** The account's place among the members of a home; undefined without one, or if it would stand there nearly alone. */
  async function place(operatorId: number): Promise<{ member: Member; home: HomeMembers } | undefined> {
    if (!ledgerView.home) return undefined
    const member = deps.membership.activeIn(await ledgerView.update())
    if (!member) return undefined
    const home = await ledgerView.home(operatorId)
    return home.has(member.index) && home.count >= smallestSet ? { member, home } : undefined
  }

  async function make(day: number, operatorId: number): Promise<QuotaProof | undefined> {
    const found = await place(operatorId)
    if (!found) return undefined
    const { member, home } = found
    const externalNullifier = quotaExternalNullifier(day, operatorId)
    const made = await deps.proving.proveInput({
      secret: account.rln.secret,
      rateLimit: member.rateLimit,
      messageId: MESSAGE_ID,
      path: home.path(member.index)!,
      externalNullifier,
      x: quotaX(externalNullifier, MESSAGE_ID),
    })
    const proof = encodeQuotaProof(made, { day, messageId: MESSAGE_ID })
    await remember(proof, operatorId)
    return proof
  }

  async function show(node: NodeRecord, quotaProof: QuotaProof): Promise<PayResponse> {
    const request = PayRequest.encode({ requestId: requestId(), quotaProof })
    const bytes = await peer.request(node, PROTOCOLS.pay, request, { maxBytes: ANSWER_BYTES })
    return decode(PayResponse, bytes, { left: MAX_SERVICES })
  }

  /** The proof that was made today; one that the node has not seen may be under a root that is long replaced, and is made again. */
  async function present(node: NodeRecord, day: number): Promise<PayResponse | undefined> {
    const { operatorId } = node
    const known = await recall(day, operatorId)
    const answer = known && (await show(node, known))
    if (answer && !(answer.statusCode === 402 && answer.statusDesc?.startsWith('UNKNOWN_ROOT'))) return answer
    const fresh = await make(day, operatorId)
    return fresh && (await show(node, fresh))
  }

  async function open(node: NodeRecord, order: Order): Promise<boolean> {
    const { operatorId } = node
    const day = today()
    const isWithout = (service: string) => (without.get(`${operatorId} ${service}`) ?? 0) > now()
    if (operatorId === 0 || Object.keys(order).every(isWithout)) return false
    const { prices } = await deps.offers.get(node)
    const priced = prices.filter(({ service, price }) => price > 0n && (order[service] ?? 0) > 0)
    const gives = priced.some(({ memberQuota }) => memberQuota > 0)
    const answer = gives ? await present(node, day) : undefined
    const left = (service: string) => answer?.left.find((one) => one.service === service)?.units ?? 0
    const until = answer?.statusCode === 200 ? (day + 1) * QUOTA_DAY_SECONDS * 1_000 : now() + RETRY_MS
    for (const service of Object.keys(order)) {
      if (left(service) === 0) without.set(`${operatorId} ${service}`, until)
    }
    return priced.some(({ service }) => left(service) >= order[service]!)
  }

  return {
    open(node, order) {
      const done = last.then(() => open(node, order))
      last = done.catch(() => undefined)
      return done
    },
  }
}
