/// <reference types="vite/client" />
// What test/bench/proofs-prove-browser.bench.ts calls in a real page: `window.bench`. Everything runs in the page's thread, one
// thread each, so that throttling the page slows all alike and time is CPU time.
import initZerokit, { generateRLNProofWithWitness, newRLN } from '@waku/zerokit-rln-wasm'
import zerokitUrl from '@waku/zerokit-rln-wasm/rln_wasm_bg.wasm?url'
import { circuitInput, messageX, slotFinisher, type RlnProof } from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { groth16, wtns } from 'snarkjs'
import { createProvingCore } from '../../../protocol/src/rln/proving/core.ts'
import { benchMember, randomX } from '../tools/member.ts'
import { zerokitWitness } from '../tools/zerokit-witness.ts'

const fetched = async (url: URL) => new Uint8Array(await (await fetch(url)).arrayBuffer())

async function open() {
  const { wasm, zkey } = await loadArtifacts(fetched)
  const core = await createProvingCore({ wasm, zkey })
  const finisher = await slotFinisher()
  const member = benchMember()
  let messageId = 0
  const next = () => ({ ...member, messageId: messageId++ % member.rateLimit, x: randomX() })
  const go = () => Promise.resolve()
  const slot = await core.prepare(circuitInput(next()), go)
  await initZerokit(zerokitUrl)
  const zerokit = newRLN(zkey)
  let last: RlnProof | undefined

  const tasks = {
    send: () => {
      const payload = new Uint8Array(200)
      const message = { payload, contentTopic: '/bench/1/send/bin', timestamp: BigInt(Date.now()) }
      last = finisher.finish(slot, messageX(message))
    },
    prepare: async () => void (await core.prepare(circuitInput(next()), go)),
    cached: async () => void (last = await core.prove(circuitInput(next()), go)),
    async snarkjs() {
      const witness = { type: 'mem' } as const
      await wtns.calculate(circuitInput(next()), wasm, witness)
      await groth16.prove(zkey, witness, undefined, { singleThread: true })
    },
    async zerokit() {
      const input = next()
      const witness = { type: 'mem' } as const
      await wtns.calculate(circuitInput(input), wasm, witness)
      generateRLNProofWithWitness(zerokit, await wtns.exportJson(witness), zerokitWitness(input))
    },
  }
  return {
    /** Milliseconds a run, the mean of `repeat`. */
    async measure(name: keyof typeof tasks, repeat: number): Promise<number> {
      const startedAt = performance.now()
      for (let run = 0; run < repeat; run++) await tasks[name]()
      return (performance.now() - startedAt) / repeat
    },
    /** The last proof that was made here, bigints as texts. */
    proof: () =>
      JSON.stringify(last, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  }
}

declare global {
  var bench: { open: typeof open }
}
globalThis.bench = { open }
