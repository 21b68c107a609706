/** The way out of a deployment, whatever its version. */
export { ExitError } from './errors.ts'
export {
  createExit,
  type Exit,
  type ExitDone,
  type ExitOptions,
  type ExitRefused,
  type ExitResult,
  type ExitRun,
} from './exit.ts'
export type { ExitItem, ExitStep } from './plan.ts'
