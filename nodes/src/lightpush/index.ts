export { lightPush, LightPushConfig, type LightPushDeps } from './lightpush.ts'
