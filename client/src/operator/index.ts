/** What the owner of an operator does on chain, and what it takes. */
export { OperatorError } from './errors.ts'
export { operatorNeeds, type NeedsInput, type OperatorNeeds } from './needs.ts'
export { connectOperator, type OperatorConnection, type OperatorRecord } from './operator.ts'
export type { OperatorState } from './state.ts'
export type { DoneStep, PreparedSteps } from './steps.ts'
