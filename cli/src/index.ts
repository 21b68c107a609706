/** The `teahouse` command as a function, for tests and for other programs. */
export { run } from './program.ts'
export type { World } from './session.ts'
