import { readFile } from 'node:fs/promises'
import { circuitInput, type ProverInput } from '@teahouse/protocol/rln'
import { generateRLNProofWithWitness, initSync, newRLN } from '@waku/zerokit-rln-wasm'
import { prove as zkKitProve } from '@zk-kit/groth16'
import { groth16, wtns } from 'snarkjs'
import { zerokitWitness } from './zerokit-witness.ts'

interface Files {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}

const ZEROKIT = new URL('../../../node_modules/@waku/zerokit-rln-wasm/rln_wasm_bg.wasm', import.meta.url)

/** Other provers on the same circuit, key and input: input to proof, witness included. */
export async function proverPeers({ wasm, zkey }: Files, next: () => ProverInput) {
  initSync({ module: await readFile(ZEROKIT) })
  const zerokit = newRLN(zkey)
  return {
    snarkjs: () => fullProve(next(), { wasm, zkey }),
    'zk-kit groth16': () => zkKitProve(circuitInput(next()) as never, wasm, zkey),
    'zerokit wasm': async () => {
      const input = next()
      const witness = { type: 'mem' } as const
      await wtns.calculate(circuitInput(input), wasm, witness)
      generateRLNProofWithWitness(zerokit, await wtns.exportJson(witness), zerokitWitness(input))
    },
  }
}

/** snarkjs' groth16.fullProve. */
async function fullProve(input: ProverInput, { wasm, zkey }: Files): Promise<void> {
  const witness = { type: 'mem' } as const
  await wtns.calculate(circuitInput(input), wasm, witness)
  await groth16.prove(zkey, witness)
}
