/** For tests of evaluators and mini-apps, on a development chain. */
export { FINDINGS, type Agree, type Agreement, type Finding, type Parties } from './agreement.ts'
export { attackEvaluator, type AttackOptions } from './attack-evaluator.ts'
export type { DevChain } from './world.ts'
