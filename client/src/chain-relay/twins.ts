import type { ContractName, ContractReaders, LocalNetwork } from '@teahouse/protocol/chain'
import { signCreate, type Terms } from '@teahouse/protocol/envelopes'
import { signRelayed, type RelayedCall } from '@teahouse/protocol/membership'
import { signAllocation, signChannelAction } from '@teahouse/protocol/payments'
import { isAddressEqual, zeroAddress, type Address, type Hex, type LocalAccount } from 'viem'
import type { Call } from '../chain/call.ts'
import { actTypedData, dealId, fundingTypedData, type DealAct, type DealTerms } from '../deals/terms.ts'

/** What a node sends in the place of a call: the signed form of it, or the call itself if anyone may make it. */
export interface Twin {
  readonly contract: ContractName
  readonly functionName: string
  readonly args: readonly unknown[]
}

export interface TwinDeps {
  readonly account: LocalAccount
  readonly network: Pick<LocalNetwork, 'chainId'>
  readonly contracts: ContractReaders
  /** Unix second until which what is signed is good. */
  readonly deadline: number
}

type Signed = Pick<Twin, 'functionName' | 'args'>
/** The arguments are those that this client's own calls have. */
type Sign<Args extends readonly unknown[] = readonly never[]> = (
  deps: TwinDeps,
  ...args: Args
) => Promise<Signed>

const membership = (deps: TwinDeps, call: RelayedCall): Promise<Hex> =>
  signRelayed(deps.account, deps.contracts.MembershipRegistry.address, deps.network.chainId, call)

const nonceOf = async ({ contracts }: TwinDeps, commitment: bigint, holder: Address): Promise<number> =>
  (await contracts.MembershipRegistry.read.member([commitment, holder])).nonce

const register: Sign<[bigint, number, Address, number, bigint]> = async (deps, ...args) => {
  const [idCommitment, rateLimit, holder, home, maxPrice] = args
  const payer = deps.account.address
  const { deadline } = deps
  const registration = { idCommitment, rateLimit, holder, home }
  const signature = await membership(deps, { action: 'Register', ...registration, maxPrice, payer, deadline })
  return { functionName: 'registerFor', args: [registration, maxPrice, payer, deadline, signature] }
}

const renew: Sign<[bigint, Address, bigint]> = async (deps, idCommitment, holder, maxPrice) => {
  const { account, contracts, deadline } = deps
  const payer = account.address
  const { expiry } = await contracts.MembershipRegistry.read.member([idCommitment, holder])
  const call = { idCommitment, holder, expiry, maxPrice, payer, deadline }
  const signature = await membership(deps, { action: 'Renew', ...call })
  return { functionName: 'renewFor', args: [idCommitment, holder, maxPrice, payer, deadline, signature] }
}

const exit: Sign<[bigint]> = async (deps, idCommitment) => {
  const { account, deadline } = deps
  const holder = account.address
  const nonce = await nonceOf(deps, idCommitment, holder)
  const signature = await membership(deps, { action: 'Exit', idCommitment, holder, nonce, deadline })
  return { functionName: 'exitFor', args: [idCommitment, holder, deadline, signature] }
}

const setHome: Sign<[bigint, number]> = async (deps, idCommitment, home) => {
  const { account, deadline } = deps
  const holder = account.address
  const nonce = await nonceOf(deps, idCommitment, holder)
  const signature = await membership(deps, { action: 'SetHome', idCommitment, holder, home, nonce, deadline })
  return { functionName: 'setHomeFor', args: [idCommitment, holder, home, deadline, signature] }
}

const deposit: Sign<[Address, bigint]> = async (deps, payer, amount) => {
  const { account, contracts, network, deadline } = deps
  const { PaymentChannels } = contracts
  const from = account.address
  const nonce = await PaymentChannels.read.balanceNonce([from])
  const action = { type: 'Deposit', from, payer, amount, nonce, deadline: BigInt(deadline) } as const
  const signature = await signChannelAction(account, PaymentChannels.address, network.chainId, action)
  return { functionName: 'depositFor', args: [from, payer, amount, deadline, signature] }
}

const withdraw: Sign<[bigint]> = async (deps, amount) => {
  const { account, contracts, network, deadline } = deps
  const { PaymentChannels } = contracts
  const payer = account.address
  const nonce = await PaymentChannels.read.balanceNonce([payer])
  const action = { type: 'Withdrawal', payer, amount, nonce, deadline: BigInt(deadline) } as const
  const signature = await signChannelAction(account, PaymentChannels.address, network.chainId, action)
  return { functionName: 'withdrawFor', args: [payer, amount, deadline, signature] }
}

/** Where the channel stands, and the nonce that the next action is signed with. */
async function channelOf({ account, contracts }: TwinDeps, payee: Address) {
  const pair = [account.address, payee] as const
  const [channel, nonce] = await Promise.all([
    contracts.PaymentChannels.read.account(pair),
    contracts.PaymentChannels.read.channelNonce(pair),
  ])
  return { epoch: BigInt(channel.epoch), isOpen: channel.signer !== zeroAddress, nonce: BigInt(nonce) }
}

const allocate: Sign<[Address, bigint, Address]> = async (deps, payee, total, signer) => {
  const { account, contracts, network } = deps
  const { epoch, isOpen, nonce } = await channelOf(deps, payee)
  const allocation = {
    ...{ payer: account.address, payee, total, signer },
    epoch: isOpen ? epoch : epoch + 1n,
    nonce: isOpen ? nonce : 0n,
    deadline: BigInt(deps.deadline),
  }
  const channels = contracts.PaymentChannels.address
  const signature = await signAllocation(account, channels, network.chainId, allocation)
  const args = [{ ...allocation, deadline: deps.deadline }, signature]
  return { functionName: 'allocateFor', args }
}

const ofChannel =
  (type: 'Thaw' | 'Deallocation', functionName: string): Sign<[Address]> =>
  async (deps, payee) => {
    const { account, contracts, network, deadline } = deps
    const { epoch, nonce } = await channelOf(deps, payee)
    const payer = account.address
    const action = { type, payer, payee, epoch, nonce, deadline: BigInt(deadline) }
    const channels = contracts.PaymentChannels.address
    const signature = await signChannelAction(account, channels, network.chainId, action)
    return { functionName, args: [payer, payee, deadline, signature] }
  }

/** A part of a deal's act that is not its name, deal and deadline. */
type OfAct<A> = A extends unknown ? Omit<A, 'deal' | 'deadline'> : never

function signAct(
  deps: TwinDeps,
  terms: DealTerms,
  act: OfAct<DealAct>,
  deadline = deps.deadline,
): Promise<Hex> {
  const { account, network, contracts } = deps
  const escrow = contracts.Escrow.address
  const deal = dealId(terms, network.chainId, escrow)
  const whole = { ...act, deal, deadline } as DealAct
  return account.signTypedData(actTypedData(whole, network.chainId, escrow))
}

const fund: Sign<[DealTerms]> = async ({ account, network, contracts, deadline }, terms) => {
  const typed = fundingTypedData(terms, deadline, network.chainId, contracts.Escrow.address)
  return { functionName: 'fundFor', args: [terms, deadline, await account.signTypedData(typed)] }
}

const act =
  (name: 'Acceptance' | 'Release' | 'Refund', functionName: string): Sign<[DealTerms]> =>
  async (deps, terms) => {
    const signature = await signAct(deps, terms, { act: name })
    return { functionName, args: [terms, deps.deadline, signature] }
  }

const releasePart: Sign<[DealTerms, bigint]> = async (deps, terms, total) => {
  const signature = await signAct(deps, terms, { act: 'PartRelease', total })
  return { functionName: 'releasePartFor', args: [terms, total, deps.deadline, signature] }
}

const dispute: Sign<[DealTerms]> = async (deps, terms) => {
  const party = deps.account.address
  const signature = await signAct(deps, terms, { act: 'Dispute', advancer: party })
  return { functionName: 'disputeFor', args: [terms, party, party, deps.deadline, signature] }
}

const answer: Sign<[DealTerms]> = async (deps, terms) => {
  const signature = await signAct(deps, terms, { act: 'Answer' })
  return { functionName: 'answerFor', args: [terms, deps.account.address, deps.deadline, signature] }
}

const rule: Sign<[DealTerms, bigint]> = async (deps, terms, payeeAmount) => {
  const signature = await signAct(deps, terms, { act: 'Ruling', payeeAmount })
  return { functionName: 'ruleFor', args: [terms, payeeAmount, deps.deadline, signature] }
}

/** One of the two signatures is there already; the other party's own one is empty, since it would have sent the call itself. */
const settle: Sign<[DealTerms, bigint, number, Hex, Hex]> = async (
  deps,
  terms,
  payeeAmount,
  until,
  ...given
) => {
  const own = await signAct(deps, terms, { act: 'Settlement', payeeAmount }, until)
  const [payer, payee] = isAddressEqual(terms.payer, deps.account.address) ? [own, given[1]] : [given[0], own]
  return { functionName: 'settle', args: [terms, payeeAmount, until, payer, payee] }
}

const create: Sign<[Terms]> = async ({ account, network, contracts, deadline }, terms) => {
  const envelopes = contracts.RedEnvelope.address
  const signature = await signCreate(account, envelopes, network.chainId, terms, deadline)
  return { functionName: 'createFor', args: [terms, deadline, signature] }
}

/** What anyone may do is sent as it is. */
const asItIs =
  (functionName: string): Sign<readonly unknown[]> =>
  async (_, ...args) => ({
    functionName,
    args,
  })

const signedBefore = (...names: readonly string[]): Readonly<Record<string, Sign<readonly unknown[]>>> =>
  Object.fromEntries(names.map((name) => [name, asItIs(name)]))

const TWINS = {
  MembershipRegistry: { register, renew, exit, setHome, withdraw: asItIs('withdraw') },
  PaymentChannels: {
    ...{ deposit, withdraw, allocate },
    thaw: ofChannel('Thaw', 'thawFor'),
    deallocate: ofChannel('Deallocation', 'deallocateFor'),
  },
  Escrow: {
    ...{ fund, releasePart, dispute, answer, rule, settle },
    accept: act('Acceptance', 'acceptFor'),
    release: act('Release', 'releaseFor'),
    refund: act('Refund', 'refundFor'),
    evaluate: asItIs('evaluate'),
    expire: asItIs('expire'),
    // What somebody signed before, perhaps somebody else, with a permit before it or without.
    ...signedBefore(
      ...(['fundFor', 'acceptFor', 'releaseFor', 'releasePartFor', 'refundFor'] as const),
      ...(['disputeFor', 'answerFor', 'ruleFor', 'multicall'] as const),
    ),
  },
  RedEnvelope: { create, claimShare: asItIs('claimShare'), refund: asItIs('refund') },
} as const

/** What can be signed for others to send in the place of a call; undefined if the contracts have nothing like it. */
export async function twinOf(
  { contract, functionName, args }: Pick<Call, 'contract' | 'functionName' | 'args'>,
  deps: TwinDeps,
): Promise<Twin | undefined> {
  const signs = (TWINS as Readonly<Record<string, Readonly<Record<string, Sign>>>>)[contract] ?? {}
  const sign = Object.hasOwn(signs, functionName) ? signs[functionName] : undefined
  return sign && { contract, ...(await sign(deps, ...(args as readonly never[]))) }
}
