export { forwarding, type Forwarding } from './forwarding.ts'
export { relay, type Published, type Relay, type RelayDeps } from './relay.ts'
