import { archiveCourtAbi } from './generated/archive-court.ts'
import { escrowAbi } from './generated/escrow.ts'
import { membershipRegistryAbi } from './generated/membership-registry.ts'
import { operatorStakingAbi } from './generated/operator-staking.ts'
import { paymentChannelsAbi } from './generated/payment-channels.ts'
import { redEnvelopeAbi } from './generated/red-envelope.ts'
import { retrievalCourtAbi } from './generated/retrieval-court.ts'
import { serviceRegistryAbi } from './generated/service-registry.ts'
import { tokenAbi } from './generated/token.ts'

/** ABI of every contract of a deployment, by the name it has there. */
export const abis = {
  Token: tokenAbi,
  MembershipRegistry: membershipRegistryAbi,
  OperatorStaking: operatorStakingAbi,
  ServiceRegistry: serviceRegistryAbi,
  PaymentChannels: paymentChannelsAbi,
  Escrow: escrowAbi,
  RedEnvelope: redEnvelopeAbi,
  RetrievalCourt: retrievalCourtAbi,
  ArchiveCourt: archiveCourtAbi,
} as const

export type ContractName = keyof typeof abis
