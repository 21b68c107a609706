/** What the owner of an operator does on chain, and what it takes. */
export { OperatorError } from './errors.ts'
export { operatorNeeds, type NeedsInput, type OperatorNeeds } from './needs.ts'
export { connectOperator, type OperatorConnection } from './operator.ts'
export type { OperatorRecord } from './options.ts'
export type { OperatorState } from './state.ts'
export type { DoneStep, PreparedSteps } from './steps.ts'
