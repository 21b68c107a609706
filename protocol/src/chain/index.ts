export { abis, type ContractName } from './abis.ts'
export { type ContractClient, type Contracts, contractsAt } from './contracts.ts'
export { ChainError, type ChainErrorDetail, chainError, isRevert } from './errors.ts'
export { membershipChange, type RawLog } from './membership-events.ts'
export { type MembershipParams, readMembershipParams } from './membership-params.ts'
export { ContractAddresses, LocalNetwork } from './network.ts'
export {
  addressesOf,
  type ArgumentJson,
  type DeployedContract,
  deploymentId,
  DeploymentRecord,
  firstBlockOf,
} from './deployments/record.ts'
export { ABI_VERSION } from './deployments/versions.ts'
export { announceArgs, readServices, type ServiceRecord, SERVICES, servicesFrom } from './services.ts'
