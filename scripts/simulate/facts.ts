import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDeploymentParameters } from '@nomicfoundation/hardhat-ignition/helpers'
import { createBudget, usualPrice } from '../../client/src/payments/budget.ts'
import { MAX_RATE_LIMIT } from '../../client/src/membership/limits.ts'
import { LimitsConfig } from '../../nodes/src/net/limits.ts'
import { PaymentsConfig } from '../../nodes/src/payments/config.ts'
import { DEFAULT_BUDGETS } from '../../nodes/src/profile/profiles.ts'
import { RetentionConfig } from '../../nodes/src/store/retention.ts'
import { STORE_QUERY_PRICE } from '../start/parameters.ts'
import { SimulateError } from './errors.ts'

const ROOT = join(import.meta.dirname, '../..')
const PARAMETERS = 'ignition/parameters/public.json5'
/** Units of the token that make one: what ignition/parameters/public.json5 is written for. */
const UNIT = 1e6

/** Entries of snapshots/*.json that the simulation uses, by the name it uses them under. */
const GAS = {
  createOperator: ['OperatorStaking', 'createOperator'],
  stake: ['OperatorStaking', 'stake'],
  setAdjudicator: ['OperatorStaking', 'setAdjudicator'],
  thaw: ['OperatorStaking', 'thaw'],
  withdrawStake: ['OperatorStaking', 'withdraw'],
  announce: ['ServiceRegistry', 'announce'],
  register: ['MembershipRegistry', 'register'],
  renew: ['MembershipRegistry', 'renew'],
  setHome: ['MembershipRegistry', 'set home'],
  claimEach: ['MembershipRegistry', 'claim fees, each of 50'],
  slashCommit: ['MembershipRegistry', 'slash: commit'],
  slashReveal: ['MembershipRegistry', 'slash: reveal'],
  allocate: ['PaymentChannels', 'allocate (open a channel)'],
  collect: ['PaymentChannels', 'collect'],
  collectEach: ['PaymentChannels', 'collect, each of 25'],
  thawChannel: ['PaymentChannels', 'thaw'],
  deallocate: ['PaymentChannels', 'deallocate'],
  challenge: ['RetrievalCourt', 'challenge'],
  drawAndAnswer: ['RetrievalCourt', 'draw and answer (4096 leaves)'],
  draw: ['RetrievalCourt', 'draw'],
  convict: ['RetrievalCourt', 'convict'],
} as const

/** Everything that the network itself decides. Amounts in tokens, times in seconds, gas in gas. */
export type Facts = Awaited<ReturnType<typeof readFacts>>
export type Gas = Record<keyof typeof GAS, number>

/** Reads what the contracts, their parameters, their gas snapshots and the defaults of nodes and clients say. @throws SimulateError NO_FACT. */
export async function readFacts(root: string = ROOT) {
  const { Teahouse: given } = await readDeploymentParameters(join(root, PARAMETERS))
  const constantOf = (file: string, name: string): number =>
    numberIn(root, file, new RegExp(`constant ${name} = ([\\d_]+);`))
  const number = (path: string): number => numberAt(given, path)
  const tokens = (path: string): number => number(path) / UNIT
  const payments = PaymentsConfig.parse({})
  const limits = LimitsConfig.parse({})
  return {
    gas: readGas(root),
    staking: {
      minimum: tokens('minimumStake'),
      thaw: number('stakeThawSeconds'),
      creditSeconds: number('creditSeconds'),
      capDivisor: constantOf('contracts/staking/IncomeCredit.sol', 'CAP_DIVISOR'),
    },
    membership: {
      epoch: number('membership.epochSeconds'),
      term: number('membership.term'),
      depositPerMessage: tokens('membership.depositPerMessage'),
      feePerMessage: tokens('membership.feePerMessage'),
      highestLimit: MAX_RATE_LIMIT,
      burnDivisor: constantOf('contracts/membership/HomeFees.sol', 'BURN_DIVISOR'),
      slashDivisor: numberIn(root, 'contracts/membership/Slashing.sol', /rewarded = deposit \/ (\d+);/),
    },
    channel: { thaw: number('channelThawSeconds') },
    court: {
      window: number('retrieval.window'),
      maxTerm: number('retrieval.maxTerm'),
      rewardShare: number('retrieval.rewardBps') / 10_000,
      penaltyShare: number('retrieval.penaltyBps') / 10_000,
      bondFactor: constantOf('contracts/courts/RetrievalCourt.sol', 'BOND_FACTOR'),
      answerGas: constantOf('contracts/courts/RetrievalCourt.sol', 'ANSWER_GAS'),
      answerGasPerLevel: constantOf('contracts/courts/RetrievalCourt.sol', 'ANSWER_GAS_PER_LEVEL'),
    },
    node: {
      freeQuota: payments.freeQuota,
      quotaWindow: payments.quotaWindowSeconds,
      minimumSettlement: Number(payments.minimumSettlement) / UNIT,
      settleEvery: payments.settleEveryMs / 1_000,
      connections: limits.maxConnections,
      connectionsPerSecond: limits.connectionsPerSecond,
      storeUpload: DEFAULT_BUDGETS.store.upload ?? Infinity,
      retention: RetentionConfig.parse({}).seconds,
    },
    client: {
      unannouncedPrice: Number(usualPrice({ priceHint: 0n })) / UNIT,
      hintFactor: Number(usualPrice({ priceHint: 1n })),
      highestPrice: Number(usualPrice({ priceHint: 1n << 64n })) / UNIT,
      callLimit: Number(createBudget().left) / UNIT,
    },
    price: { page: Number(STORE_QUERY_PRICE) / UNIT },
  }
}

function readGas(root: string): Gas {
  const entries = Object.entries(GAS).map(([name, [contract, entry]]) => {
    const file = `snapshots/${contract}.json`
    const snapshot = JSON.parse(textOf(root, file)) as Record<string, string>
    return [name, positive(file, entry, snapshot[entry])] as const
  })
  return Object.fromEntries(entries) as Gas
}

const textOf = (root: string, file: string): string => readFileSync(join(root, file), 'utf8')

function positive(file: string, wanted: string, found: unknown): number {
  const value = Number(found)
  if (value > 0 && value < Infinity) return value
  throw new SimulateError(`${file} gives no number for ${wanted}`, { code: 'NO_FACT', file, wanted })
}

function numberAt(tree: unknown, path: string): number {
  const step = (branch: unknown, name: string): unknown =>
    (branch as Record<string, unknown> | undefined)?.[name]
  return positive(PARAMETERS, path, path.split('.').reduce(step, tree))
}

function numberIn(root: string, file: string, pattern: RegExp): number {
  const [, digits] = pattern.exec(textOf(root, file)) ?? []
  return positive(file, pattern.source, digits?.replaceAll('_', ''))
}
