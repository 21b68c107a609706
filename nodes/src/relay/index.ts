export { relay, type Published, type Relay, type RelayDeps } from './relay.ts'
