export { RelayedCallError, type RelayedCallErrorDetail } from './errors.ts'
export {
  type ExitCall,
  type RegisterCall,
  type RelayedCall,
  relayedDigest,
  relayedTypedData,
  RELAYER_HOME,
  type RenewCall,
  type SetHomeCall,
  signRelayed,
} from './relayed.ts'
