export { relay, type Relay, type RelayDeps } from './relay.ts'
