import { RELAYER_HOME } from '@teahouse/protocol/membership'
import { epochAt, type Member } from '@teahouse/protocol/rln'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { approve, requireTokens } from '../chain/token.ts'
import { MembershipError } from './errors.ts'
import { MAX_RATE_LIMIT } from './limits.ts'
import type { LedgerView, MemberView } from './view.ts'
import type { MessageIds, Remaining } from './message-ids.ts'
import { renewalWarning, type RenewalWarning } from './renewal.ts'

/** How this account's membership stands; times in unix seconds. */
export interface MembershipStatus {
  /** `none` if it never joined; `grace`: the term is over but the leaf stays and `renew` still works. */
  readonly state: 'none' | 'active' | 'grace' | 'expired' | 'exited' | 'slashed'
  readonly index?: number
  /** Messages an epoch. */
  readonly rateLimit?: number
  readonly expiry?: number
  readonly epochSeconds: number
  readonly termSeconds: number
  /** For so long after `expiry` the membership still holds, and can be renewed. */
  readonly graceSeconds: number
  readonly members: number
  readonly renewal?: RenewalWarning
}

export interface JoinResult extends TxResult {
  readonly index: number
  readonly rateLimit: number
  readonly expiry: number
  readonly deposit: bigint
  readonly fee: bigint
}

export interface MembershipDeps {
  readonly chain: Chain
  readonly account: Account
  readonly ledgerView: LedgerView
  readonly ids: Pick<MessageIds, 'remaining'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export type Membership = ReturnType<typeof createMembership>

/** Joins and leaves the RLN membership registry for one account, which is its own holder. */
export function createMembership({ chain, account, ledgerView, ids, now }: MembershipDeps) {
  const { commitment } = account.rln
  const isMine = ({ holder }: Member) => holder.toLowerCase() === account.address.toLowerCase()

  async function price(rateLimit: number): Promise<{ deposit: bigint; fee: bigint }> {
    if (!Number.isInteger(rateLimit) || rateLimit < 1 || rateLimit > MAX_RATE_LIMIT) {
      const message = `A rate limit is a whole number from 1 to ${MAX_RATE_LIMIT}`
      throw new MembershipError(message, { code: 'BAD_RATE_LIMIT', rateLimit })
    }
    const [deposit, fee] = await chain.read('read the price of a membership', () =>
      chain.contracts.MembershipRegistry.read.price([rateLimit]),
    )
    return { deposit, fee }
  }

  const homeless = async (): Promise<number> => ((await chain.relays()) ? RELAYER_HOME : 0)

  async function pay(amount: bigint): Promise<void> {
    await requireTokens(chain, amount)
    await approve(chain, 'MembershipRegistry', amount)
  }

  /** The membership to prove with: the account's own if active, else any active one of the same secret. */
  function activeIn(ledger: Pick<MemberView, 'membersOf'>): Member | undefined {
    const members = ledger.membersOf(commitment).filter((member) => member.active)
    return members.find(isMine) ?? members[0]
  }

  const active = async (): Promise<Member | undefined> => activeIn(await ledgerView.update())

  return {
    price,
    activeIn,
    /**
     * Registers for one term, paying deposit and fee. Without a `home` the fee is burned; if a node sends it, that node's operator
     * gets it. Throws MembershipError, CallError, ChainNodesError.
     */
    async join({ rateLimit, home }: { rateLimit: number; home?: number }): Promise<JoinResult> {
      const { deposit, fee } = await price(rateLimit)
      const before = (await ledgerView.update()).membersOf(commitment)
      const own = before.find(isMine)
      if (own) {
        const message = `This account already has membership ${own.index} (${own.state})`
        throw new MembershipError(message, { code: 'ALREADY_MEMBER', index: own.index })
      }
      await pay(deposit + fee)
      const tx = await chain.write({
        action: 'join',
        contract: 'MembershipRegistry',
        functionName: 'register',
        args: [commitment, rateLimit, account.address, home ?? (await homeless()), deposit + fee],
      })
      const joined = (await ledgerView.update()).membersOf(commitment).find(isMine)
      if (!joined)
        throw new MembershipError('The registration was undone by the chain', { code: 'NOT_A_MEMBER' })
      return { ...tx, index: joined.index, rateLimit, expiry: joined.expiry, deposit, fee }
    },
    async status(): Promise<MembershipStatus> {
      const ledger = await ledgerView.update()
      const { epochSeconds, termSeconds, graceSeconds } = await ledgerView.params()
      const found = ledger.membersOf(commitment)
      const member = found.find(isMine) ?? found[0]
      const common = { epochSeconds, termSeconds, graceSeconds, members: ledger.memberCount }
      if (!member) return { state: 'none', ...common }
      const { index, rateLimit, expiry, state } = member
      const inGrace = state === 'active' && now() / 1000 > expiry
      const status = { state: inGrace ? 'grace' : state, index, rateLimit, expiry, ...common } as const
      const renewal = renewalWarning(status, now() / 1000)
      return { ...status, ...(renewal && { renewal }) }
    },
    /**
     * How many messages may still be sent in this epoch, by all devices of the account together, as the nodes that keep its
     * message ids know it. Throws MembershipError NOT_A_MEMBER, LeaseError, CallError.
     */
    async remaining(): Promise<Remaining> {
      const member = await active()
      if (!member) throw notAMember()
      const { epochSeconds } = await ledgerView.params()
      const limit = member.rateLimit
      const { epoch, left } = await ids.remaining(() => epochAt(now() / 1000, epochSeconds), limit)
      return { epoch, limit, left, until: Number(epoch + 1n) * epochSeconds }
    },
    /** Adds a term; the leaf, and so the anonymity set, stays. */
    async renew(): Promise<TxResult> {
      const member = await active()
      if (!member) throw notAMember()
      const { fee } = await price(member.rateLimit)
      await pay(fee)
      const args = [commitment, member.holder, fee]
      return chain.write({ action: 'renew', contract: 'MembershipRegistry', functionName: 'renew', args })
    },
    /** Leaves at once; the deposit can be withdrawn after the exit delay. */
    async exit(): Promise<TxResult> {
      if (!(await active())) throw notAMember()
      const args = [commitment]
      return chain.write({ action: 'leave', contract: 'MembershipRegistry', functionName: 'exit', args })
    },
    /** Takes the deposit back, an exit delay after `exit`. */
    withdraw(): Promise<TxResult> {
      const action = 'withdraw the deposit'
      const args = [commitment, account.address]
      return chain.write({ action, contract: 'MembershipRegistry', functionName: 'withdraw', args })
    },
  }
}

function notAMember(): MembershipError {
  return new MembershipError('This account has no active membership', { code: 'NOT_A_MEMBER' })
}
