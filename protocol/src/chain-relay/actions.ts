import {
  type Address,
  concatHex,
  decodeFunctionData,
  encodeFunctionData,
  type Hex,
  isAddressEqual,
  keccak256,
  size,
} from 'viem'
import { abis, type ContractAddresses, type Evaluators } from '../chain/index.ts'
import { notRelayed } from './errors.ts'
import { evidenceSigners } from './evidence.ts'
import { MAX_CALL_BYTES } from './limits.ts'

/** A transaction to be sent for somebody. */
export interface ActionCall {
  readonly to: Address
  readonly data: Hex
}

/** A call that a node may send for somebody: what somebody signed, or what anyone may do. */
export interface RelayedAction {
  /** Names it: keccak256 of the address and the call, in its canonical encoding. */
  readonly id: Hex
  readonly contract: RelayingContract
  readonly to: Address
  /** Of the action itself, without the permits that go before it. */
  readonly functionName: string
  readonly args: readonly unknown[]
  /** The whole call. */
  readonly call: { readonly functionName: string; readonly args: readonly unknown[] }
  /** Whom it is done for: the signer, or who gets what it pays out. */
  readonly person: Address
  /** Whose signatures the contract checks: by their own code, if they are contracts. */
  readonly signers: readonly Address[]
  /** Unix seconds until which it can be done; none if it always can. */
  readonly deadline: number | undefined
}

interface Rule {
  person(args: Args): Address
  deadline?(args: Args): number
  /** The person alone, unless it says otherwise. */
  signers?(args: Args, evaluators: Evaluators | undefined): readonly Address[]
  /** Accounts for which the contract takes the sender's word. */
  parties?(args: Args): readonly Address[]
}

/** Decoded by the contract's own ABI, so of the types that it names. */
type Args = readonly never[]
const at =
  (index: number, field?: string) =>
  (args: Args): never =>
    field === undefined ? args[index]! : (args[index] as unknown as Record<string, never>)[field]!

const both = (args: Args): readonly Address[] => [at(0, 'payer')(args), at(0, 'payee')(args)]
/** Anyone may do it, or a claim key has signed, which is no account. */
const nobody = (): readonly Address[] => []

/**
 * The closed list: what people sign for others to send, and what anyone may do and benefits one person only. Nothing in it takes tokens,
 * coins or rights of the sender. `evaluate` is for evaluators of the deployment only, since others run code that nobody knows; the actions of courts are
 * not, since they take coins.
 */
const RULES = {
  MembershipRegistry: {
    registerFor: { person: at(2), deadline: at(3) },
    renewFor: { person: at(3), deadline: at(4) },
    exitFor: { person: at(1), deadline: at(2) },
    setHomeFor: { person: at(1), deadline: at(3) },
    withdraw: { person: at(1), signers: nobody },
    claim: { person: at(0), signers: nobody },
  },
  PaymentChannels: {
    depositFor: { person: at(0), deadline: at(3) },
    withdrawFor: { person: at(0), deadline: at(2) },
    allocateFor: { person: at(0, 'payer'), deadline: (args) => Number(at(0, 'deadline')(args)) },
    thawFor: { person: at(0), deadline: at(2) },
    deallocateFor: { person: at(0), deadline: at(2) },
    claim: { person: at(0), signers: nobody },
  },
  Escrow: {
    fundFor: { person: at(0, 'payer'), deadline: at(1) },
    acceptFor: { person: at(0, 'payee'), deadline: at(1) },
    releaseFor: { person: at(0, 'payer'), deadline: at(1) },
    releasePartFor: { person: at(0, 'payer'), deadline: at(2) },
    refundFor: { person: at(0, 'payee'), deadline: at(1), signers: both },
    settle: { person: at(0, 'payer'), deadline: at(2), signers: both, parties: both },
    disputeFor: { person: at(1), deadline: at(3), parties: (args) => [at(2)(args)] },
    answerFor: { person: at(1), deadline: at(2) },
    ruleFor: { person: at(0, 'arbiter'), deadline: at(2) },
    evaluate: {
      person: at(0, 'payer'),
      signers: (args, evaluators) => evidenceSigners(evaluators, at(0)(args), at(1)(args)),
    },
    expire: { person: at(0, 'payer'), signers: nobody },
    claim: { person: at(0), signers: nobody },
  },
  RedEnvelope: {
    createFor: { person: at(0, 'creator'), deadline: at(1) },
    claimShare: { person: at(3), deadline: at(0, 'expiry'), signers: nobody },
    claimGatedShare: { person: at(1), deadline: at(0, 'expiry'), signers: nobody },
    refund: { person: at(0, 'creator'), signers: nobody },
    claim: { person: at(0), signers: nobody },
  },
} as const satisfies Record<string, Record<string, Rule>>

export type RelayingContract = keyof typeof RULES
export const RELAYING_CONTRACTS = Object.keys(RULES) as RelayingContract[]

/** What a call may hold: permits for the contract's allowance, then the action. */
const MAX_PARTS = 3

/**
 * Reads a call as one of the closed list. `relayer` is who would send it: it may be no party of what it sends. `evaluators` are those that may be asked.
 * Throws ChainRelayError NOT_RELAYED.
 */
export function readAction(
  contracts: ContractAddresses,
  { to, data }: ActionCall,
  relayer?: Address,
  evaluators?: Evaluators,
): RelayedAction {
  if (size(data) > MAX_CALL_BYTES) throw notRelayed('the call is too long')
  const contract = RELAYING_CONTRACTS.find((name) => isAddressEqual(contracts[name], to))
  if (contract === undefined) throw notRelayed(`there is no contract of the network at ${to}`)
  const { call, encoded } = decode(contract, data)
  const { functionName, args } = call.functionName === 'multicall' ? lastOf(contract, call.args) : call
  const rule = (RULES[contract] as Readonly<Record<string, Rule>>)[functionName]
  if (rule === undefined || !Object.hasOwn(RULES[contract], functionName))
    throw notRelayed(`${contract}.${functionName}`)
  const values = args as Args
  if (relayer && rule.parties?.(values).some((party) => isAddressEqual(party, relayer)))
    throw notRelayed('the sender is a party of it')
  const person = rule.person(values)
  const deadline = rule.deadline?.(values)
  const signers = rule.signers?.(values, evaluators) ?? [person]
  const id = actionId(contracts[contract], encoded)
  return { id, contract, to: contracts[contract], functionName, args, call, person, deadline, signers }
}

/** The name of an action, given the canonical encoding of its call. */
export const actionId = (to: Address, data: Hex): Hex => keccak256(concatHex([to, data]))

/** A call, and its one encoding: writing it refuses numbers that are too large for their type, which reading lets pass. */
function decode(contract: RelayingContract, data: Hex) {
  const abi = abis[contract]
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data })
    const call = { functionName, args }
    return { call, encoded: encodeFunctionData({ abi, ...call }) }
  } catch (cause) {
    throw notRelayed('this is no call of the contract', cause)
  }
}

function lastOf(contract: RelayingContract, args: readonly unknown[]) {
  const calls = args[0] as readonly Hex[]
  if (calls.length === 0 || calls.length > MAX_PARTS) throw notRelayed(`${calls.length} calls at once`)
  const parts = calls.map((data) => decode(contract, data).call)
  const others = parts.slice(0, -1)
  if (others.some(({ functionName }) => functionName !== 'tryPermitFor'))
    throw notRelayed('calls at once that are not permits and an action')
  return parts.at(-1)
}
