export { MemberConfig } from './config.ts'
export { member, type MemberDeps } from './member.ts'
