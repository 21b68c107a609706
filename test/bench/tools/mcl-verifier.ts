import mcl from 'mcl-wasm'

interface Key {
  readonly vk_alpha_1: readonly string[]
  readonly vk_beta_2: readonly (readonly string[])[]
  readonly vk_gamma_2: readonly (readonly string[])[]
  readonly vk_delta_2: readonly (readonly string[])[]
  readonly IC: readonly (readonly string[])[]
}

interface Given {
  readonly proof: { pi_a: readonly string[]; pi_b: readonly (readonly string[])[]; pi_c: readonly string[] }
  readonly publicSignals: readonly string[]
}

/** Single proofs with mcl-wasm as its documentation shows: parsing checks the curve and the subgroup. */
export async function mclVerifier(key: Key): Promise<(given: Given) => boolean> {
  await mcl.init(mcl.BN_SNARK1)
  const g1 = ([x, y]: readonly string[]) => {
    const point = new mcl.G1()
    point.setStr(`1 ${x} ${y}`, 10)
    return point
  }
  const g2 = ([x, y]: readonly (readonly string[])[]) => {
    const point = new mcl.G2()
    point.setStr(`1 ${x![0]} ${x![1]} ${y![0]} ${y![1]}`, 10)
    return point
  }
  const fr = (text: string) => {
    const value = new mcl.Fr()
    value.setStr(text, 10)
    return value
  }
  const alphaBeta = mcl.pairing(g1(key.vk_alpha_1), g2(key.vk_beta_2))
  const gamma = new mcl.PrecomputedG2(g2(key.vk_gamma_2))
  const delta = new mcl.PrecomputedG2(g2(key.vk_delta_2))
  const [constant, ...factors] = key.IC.map(g1)
  return ({ proof, publicSignals }) => {
    const inputs = mcl.add(constant!, mcl.mulVec(factors, publicSignals.map(fr)))
    const product = mcl.mul(
      mcl.millerLoop(g1(proof.pi_a), g2(proof.pi_b)),
      mcl.mul(
        mcl.precomputedMillerLoop(mcl.neg(inputs), gamma),
        mcl.precomputedMillerLoop(mcl.neg(g1(proof.pi_c)), delta),
      ),
    )
    return mcl.finalExp(product).isEqual(alphaBeta)
  }
}
