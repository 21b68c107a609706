export { lightPush, LightPushConfig, type LightPushDeps } from './lightpush.ts'
export { pushWith, type Push, type PushDeps, type Pushed } from './push.ts'
export { statusName, toRefusal } from './statuses.ts'
