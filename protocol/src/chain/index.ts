export { abis, type ContractName } from './abis.ts'
export {
  type ContractClient,
  type ContractReaders,
  contractReadersAt,
  type Contracts,
  contractsAt,
} from './contracts.ts'
export { ChainError, type ChainErrorDetail, chainError, isRevert, revertData, revertError } from './errors.ts'
export { withGasMargin } from './gas-margin.ts'
export { localChain } from './local-chain.ts'
export { membershipChange, membershipEvent, type RawLog } from './membership-events.ts'
export { GAS } from './generated/gas.ts'
export { type MembershipParams, readMembershipParams } from './membership-params.ts'
export { ContractAddresses, Evaluators, LocalNetwork } from './network.ts'
export { actionDomain, SIGNED_ACTIONS } from './signed-actions.ts'
export { announceArgs, readServices, type ServiceRecord, SERVICES, servicesFrom } from './services.ts'
