import * as z from 'zod/mini'
import { ProofError } from './errors.ts'
import { type PointG1, type PointG2, pointG1, pointG2 } from './points.ts'

const decimal = z.string().check(z.regex(/^\d{1,78}$/))
const g1 = z.tuple([decimal, decimal, z.literal('1')])
const pair = z.tuple([decimal, decimal])
const g2 = z.tuple([pair, pair, z.tuple([z.literal('1'), z.literal('0')])])

/** A verification key as snarkjs exports it, for the five public signals of RLN; further fields are left alone. */
export const VerificationKeyJson = z.object({
  protocol: z.literal('groth16'),
  curve: z.literal('bn128'),
  nPublic: z.literal(5),
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z.array(g1).check(z.length(6)),
})
export type VerificationKeyJson = z.infer<typeof VerificationKeyJson>

/** The points of a verification key. */
export interface VerifyingKey {
  readonly alpha: PointG1
  readonly beta: PointG2
  readonly gamma: PointG2
  readonly delta: PointG2
  readonly ic: readonly PointG1[]
}

/**
 * Reads a verification key. Throws ProofError BAD_VERIFYING_KEY for another shape and for γ = δ, the mark of a
 * set-up without any contribution, under which anyone can forge; BAD_POINT for a point that fails its checks.
 */
export function readVerifyingKey(json: unknown): VerifyingKey {
  const parsed = VerificationKeyJson.safeParse(json)
  if (!parsed.success) throw badKey(z.prettifyError(parsed.error), parsed.error)
  const key = parsed.data
  const gamma = readG2('gamma', key.vk_gamma_2)
  const delta = readG2('delta', key.vk_delta_2)
  if (gamma.equals(delta)) throw badKey('γ = δ: no ceremony was held')
  return {
    alpha: readG1('alpha', key.vk_alpha_1),
    beta: readG2('beta', key.vk_beta_2),
    gamma,
    delta,
    ic: key.IC.map((point, at) => readG1(`IC ${at}`, point)),
  }
}

function readG1(name: string, [x, y]: z.infer<typeof g1>): PointG1 {
  return pointG1(name, [BigInt(x), BigInt(y)])
}

function readG2(name: string, [x, y]: z.infer<typeof g2>): PointG2 {
  return pointG2(name, [
    [BigInt(x[0]), BigInt(x[1])],
    [BigInt(y[0]), BigInt(y[1])],
  ])
}

function badKey(reason: string, cause?: unknown): ProofError {
  return new ProofError(
    `The verifying key is refused: ${reason}`,
    { code: 'BAD_VERIFYING_KEY', reason },
    { cause },
  )
}
