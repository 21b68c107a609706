import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'
import type { IgnitionModuleBuilder } from '@nomicfoundation/ignition-core'
import { withGiven, type Given } from './given.ts'

const TEA = 1_000_000n

/** Parameters of a local network: windows of seconds where a public deployment has days. */
const LOCAL = {
  epochSeconds: 60,
  rootWindow: 60,
  term: 3_600,
  grace: 600,
  exitDelay: 300,
  commitMinBlocks: 2,
  commitMaxAge: 86_400,
  depositPerMessage: TEA / 20n,
  feePerMessage: TEA / 100n,
}

/** Of the courts: a receipt's term and three windows fit into the thaw of stake. */
const LOCAL_RETRIEVAL = { window: 20, noticeDelay: 30, maxTerm: 200, rewardBps: 1_000, penaltyBps: 500 }

/** What a deal may name to be judged by. Anyone may deploy others; these are there for everybody. */
const EVALUATORS = ['CabRide', 'Milestones', 'ParametricInsurance']

/** Everything that a network needs, with the parameters of a local one unless others are given. */
function network(m: IgnitionModuleBuilder) {
  const poseidon = m.library('PoseidonT2')
  const Token = m.contract('LocalToken', [], { id: 'Token' })
  const OperatorStaking = m.contract('OperatorStaking', [
    Token,
    m.getParameter('minimumStake', 100n * TEA),
    m.getParameter('stakeThawSeconds', 300),
    m.getParameter('creditSeconds', 2_400),
    m.getParameter('maximumRewardCut', 3_000),
  ])
  const ServiceRegistry = m.contract('ServiceRegistry', [OperatorStaking])
  const MembershipRegistry = m.contract(
    'MembershipRegistry',
    [Token, OperatorStaking, m.getParameter('membership', LOCAL)],
    { libraries: { PoseidonT2: poseidon } },
  )
  const PaymentChannels = m.contract('PaymentChannels', [Token, m.getParameter('channelThawSeconds', 60)])
  const Escrow = m.contract('Escrow', [Token])
  for (const evaluator of EVALUATORS) m.contract(evaluator)
  const RedEnvelope = m.contract('RedEnvelope', [Token, m.contract('SemaphoreVerifier')])
  const RetrievalCourt = m.contract('RetrievalCourt', [
    OperatorStaking,
    m.getParameter('retrieval', LOCAL_RETRIEVAL),
  ])
  const ArchiveCourt = m.contract('ArchiveCourt', [
    OperatorStaking,
    m.getParameter('archiveMaxTerm', 7_200),
    m.getParameter('archiveRewardBps', 1_000),
  ])
  return {
    Token,
    OperatorStaking,
    ServiceRegistry,
    MembershipRegistry,
    PaymentChannels,
    Escrow,
    RedEnvelope,
    RetrievalCourt,
    ArchiveCourt,
  }
}

/** A deployment that takes what is `given` where it is, such as the token of a public network, and makes the rest. */
export const teahouse = (given: Given = {}) => buildModule('Teahouse', (m) => network(withGiven(m, given)))

export default teahouse()
