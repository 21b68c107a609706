import type { Address } from 'viem'
import { EMPTY_LEDGER, nextLedgerHash } from '../../../protocol/src/rln/ledger-change.ts'

export interface ModelParams {
  readonly term: number
  readonly grace: number
  readonly exitDelay: number
  readonly depositPerMessage: bigint
  readonly feePerMessage: bigint
  readonly minimumStake: bigint
  readonly creditSeconds: bigint
}

export interface ModelMember {
  readonly idCommitment: bigint
  readonly secret: bigint
  readonly holder: Address
  readonly index: number
  readonly rateLimit: number
  home: number
  state: 'active' | 'exited' | 'withdrawn' | 'slashed'
  expiry: number
  claimedUntil: number
  withdrawableAt: number
  nonce: number
}

interface ModelOperator {
  readonly payee: Address
  stake: bigint
  credit: bigint
  updated: number
  /** 0: not in good standing. */
  goodSince: number
}

export const BURNED: Address = '0x000000000000000000000000000000000000dEaD'
const ALWAYS_BEFORE = Number.MAX_SAFE_INTEGER

/** The registry must refuse, with the custom error `name`. */
export class Refusal extends Error {
  constructor(name: string) {
    super(name)
    this.name = name
  }
}

/**
 * A plain model of MembershipRegistry and of the credit in OperatorStaking: an object a member, no packing, and a search
 * where the contract has a formula. Times in unix seconds; every call throws a Refusal or does all of its work.
 */
export function registryModel(params: ModelParams) {
  const members: ModelMember[] = []
  const operators = new Map<number, ModelOperator>()
  const owed = new Map<number, { amount: bigint; updatedAt: number }>()
  const balances = new Map<Address, bigint>()
  const model = { members, operators, owed, balances, held: 0n, ledger: EMPTY_LEDGER }

  const fee = (m: ModelMember) => params.feePerMessage * BigInt(m.rateLimit)
  const deposit = (m: ModelMember) => params.depositPerMessage * BigInt(m.rateLimit)
  const upTo = (m: ModelMember, second: number) => (fee(m) * BigInt(second)) / BigInt(params.term)
  const streamed = (m: ModelMember, from: number, to: number) =>
    to > from ? upTo(m, to) - upTo(m, from) : 0n

  function pay(account: Address, amount: bigint): void {
    balances.set(account, (balances.get(account) ?? 0n) + amount)
    model.held -= amount
  }

  function record(kind: 'registered' | 'renewed' | 'exited' | 'slashed', m: ModelMember): void {
    model.ledger = nextLedgerHash(model.ledger, { ...m, kind }, m)
  }

  function requireInTree(m: ModelMember, now: number): void {
    if (m.state !== 'active') throw new Refusal('NotActive')
    if (now > m.expiry + params.grace) throw new Refusal('TermOver')
  }

  function creditAt(operator: ModelOperator, now: number): bigint {
    const grown = operator.credit + (operator.stake * BigInt(now - operator.updated)) / params.creditSeconds
    const most = operator.stake / 4n
    return grown < most ? grown : most
  }

  function settle(operator: ModelOperator, now: number): void {
    operator.credit = creditAt(operator, now)
    operator.updated = now
  }

  const goodSince = (home: number) => operators.get(home)?.goodSince || ALWAYS_BEFORE

  /** What of the stream is lost before `good`, and what is earned after. */
  function split(m: ModelMember, good: number, now: number) {
    const to = Math.min(now, m.expiry)
    const middle = Math.min(Math.max(good, m.claimedUntil), Math.max(to, m.claimedUntil))
    return { to, lost: streamed(m, m.claimedUntil, middle), earned: streamed(m, middle, to), middle }
  }

  function owe(home: number, amount: bigint, now: number): void {
    if (amount === 0n) return
    const old = owed.get(home) ?? { amount: 0n, updatedAt: 0 }
    const lost = home !== 0 && old.updatedAt <= goodSince(home)
    if (lost) owe(0, old.amount, now)
    owed.set(home, { amount: (lost ? 0n : old.amount) + amount, updatedAt: now })
  }

  /** The most that can be earned so that nine tenths of it, rounded up, are no more than the credit. */
  function limitOf(home: number, now: number): bigint {
    const operator = operators.get(home)
    if (operator === undefined) return 0n
    if (operator.goodSince === 0) throw new Refusal('NotInGoodStanding')
    const credit = creditAt(operator, now)
    let limit = (credit * 11n) / 10n
    while (limit + 1n - (limit + 1n) / 10n <= credit) limit++
    return limit
  }

  function distribute(now: number, home: number, earned: bigint, lost: bigint): void {
    const paid = earned - earned / 10n
    const operator = operators.get(home)
    if (operator !== undefined && paid !== 0n) {
      settle(operator, now)
      operator.credit -= paid
      pay(operator.payee, paid)
    }
    pay(BURNED, lost + earned / 10n)
  }

  return Object.assign(model, {
    register(
      now: number,
      payer: Address,
      wanted: readonly Pick<ModelMember, 'idCommitment' | 'secret' | 'holder' | 'rateLimit' | 'home'>[],
    ): void {
      for (const one of wanted) {
        const known = members.some((m) => m.idCommitment === one.idCommitment && m.holder === one.holder)
        if (known) throw new Refusal('AlreadyRegistered')
      }
      for (const one of wanted) {
        const expiry = now + params.term
        const fresh = { index: members.length, expiry, claimedUntil: now, withdrawableAt: 0, nonce: 0 }
        const m: ModelMember = { ...one, ...fresh, state: 'active' }
        members.push(m)
        record('registered', m)
        pay(payer, -(deposit(m) + fee(m)))
      }
    },
    renew(now: number, payer: Address, m: ModelMember): void {
      requireInTree(m, now)
      m.expiry += params.term
      record('renewed', m)
      pay(payer, -fee(m))
    },
    exit(now: number, m: ModelMember): void {
      requireInTree(m, now)
      m.state = 'exited'
      m.withdrawableAt = now + params.exitDelay
      record('exited', m)
    },
    withdraw(now: number, m: ModelMember): void {
      const ready = m.state === 'exited' ? m.withdrawableAt : m.expiry + params.grace + params.exitDelay + 1
      if (!['active', 'exited'].includes(m.state) || now < ready) throw new Refusal('NotWithdrawable')
      m.state = 'withdrawn'
      pay(m.holder, deposit(m))
    },
    slash(m: ModelMember, slasher: Address): void {
      if (!['active', 'exited'].includes(m.state)) throw new Refusal('NotSlashable')
      m.state = 'slashed'
      record('slashed', m)
      pay(slasher, deposit(m) / 2n)
      pay(BURNED, deposit(m) - deposit(m) / 2n)
    },
    setHome(now: number, m: ModelMember, home: number): void {
      const { to, lost, earned } = split(m, goodSince(m.home), now)
      owe(m.home, earned, now)
      owe(0, lost, now)
      Object.assign(m, { home, claimedUntil: Math.max(to, m.claimedUntil), nonce: m.nonce + 1 })
    },
    claimFees(now: number, list: readonly ModelMember[]): void {
      const home = list[0]!.home
      let left = limitOf(home, now)
      let [earned, lost] = [0n, 0n]
      for (const m of list) {
        const part = split(m, goodSince(home), now)
        let to = part.to
        if (part.earned > left) {
          // The last second that can be paid, by bisection.
          let [paid, unpaid] = [part.middle, part.to]
          while (unpaid - paid > 1) {
            const between = Math.floor((paid + unpaid) / 2)
            if (streamed(m, part.middle, between) <= left) paid = between
            else unpaid = between
          }
          to = paid
        }
        const got = streamed(m, part.middle, to)
        left -= got
        earned += got
        lost += part.lost
        m.claimedUntil = Math.max(to, m.claimedUntil)
        if (to < part.to) break
      }
      distribute(now, home, earned, lost)
    },
    claimOwed(now: number, home: number): void {
      const debt = owed.get(home)
      if (debt === undefined || debt.amount === 0n) throw new Refusal('NothingOwed')
      const limit = limitOf(home, now)
      const lost = debt.updatedAt <= goodSince(home) ? debt.amount : 0n
      const rest = debt.amount - lost
      const earned = rest < limit ? rest : limit
      debt.amount -= lost + earned
      distribute(now, home, earned, lost)
    },
    createOperator(now: number, id: number, payee: Address): void {
      operators.set(id, { payee, stake: 0n, credit: 0n, updated: now, goodSince: 0 })
    },
    /** Stakes, or thaws if `amount` is negative. */
    stake(now: number, id: number, amount: bigint): void {
      const operator = operators.get(id)!
      settle(operator, now)
      operator.stake += amount
      const most = operator.stake / 4n
      if (operator.credit > most) operator.credit = most
      if (operator.stake < params.minimumStake) operator.goodSince = 0
      else if (operator.goodSince === 0) operator.goodSince = now
    },
  })
}

export type RegistryModel = ReturnType<typeof registryModel>
