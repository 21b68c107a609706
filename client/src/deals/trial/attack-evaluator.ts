import type { Address } from 'viem'
import type { Agree, Finding } from './agreement.ts'
import { ATTACKS } from './attacks.ts'
import { seeded } from './evidence.ts'
import { openWorld, type DevChain } from './world.ts'

export interface AttackOptions extends DevChain {
  /** Where the evaluator is (IDealEvaluator). */
  readonly evaluator: Address
  readonly agree: Agree
  /** Of what is made up and forged; 1 by default, so that a run can be repeated. */
  readonly seed?: number
  /** Told of each attack before it is made. */
  readonly onAttack?: (name: string) => void
}

/** These compare with what the honest evidence gives: pointless if it gives nothing. */
const NEED_HONEST = new Set(['gas', 'guessing', 'forging', 'replaying'])

/**
 * Tries to steal from deals that an evaluator decides, on a development chain with an escrow: by evidence that is made up, forged, of
 * another deal or too large, by answers that are too high, too long or change, by code that can change, by gas, by whoever asks,
 * and by deals that do not end. An evaluator that holds gives no findings.
 *
 * It moves the chain's clock by some seconds, and leaves no deal open. What it does not try: whether the *agreement* is fair, and keys that
 * decide and are stolen.
 * @throws what the provider throws, and viem's errors if the chain is no development chain.
 */
export async function attackEvaluator({
  evaluator,
  agree,
  seed = 1,
  onAttack,
  ...chain
}: AttackOptions): Promise<readonly Finding[]> {
  const world = await openWorld(chain, evaluator, agree)
  const findings: Finding[] = []
  const has = (wanted: Finding['code']) => findings.some(({ code }) => code === wanted)
  for (const [name, attack] of Object.entries(ATTACKS)) {
    if (has('NO_CODE') || (has('REFUSES_HONEST') && NEED_HONEST.has(name))) continue
    onAttack?.(name)
    findings.push(...(await attack(world, seeded(seed))))
  }
  return findings
}
