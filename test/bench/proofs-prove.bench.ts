import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { slotKeyOf, slotStore } from '@teahouse/client'
import { slotFolder } from '@teahouse/client/node'
import {
  circuitInput,
  createVerifier,
  encodeRateLimitProof,
  messageX,
  slotFinisher,
  type RlnProof,
} from '@teahouse/protocol/rln'
import { createProvingCore } from '../../protocol/src/rln/proving/core.ts'
import type { Bench } from '../../scripts/bench/bench.ts'
import type { RowText, Sample } from '../../scripts/bench/tools.ts'
import { benchArtifacts } from './tools/artifacts.ts'
import { benchMember, randomX } from './tools/member.ts'
import { proverPeers } from './tools/peers.ts'

const ROUNDS = 10
/** Sends a round. */
const SENDS = 5
const EPOCH = 29_000_000n

/** RLN-v2, depth 20: one member's proofs in Node, in one thread, against other provers on all cores. */
const bench: Bench = {
  name: 'proofs',
  title: 'making proofs (RLN-v2, depth 20), in Node',
  async run(tools) {
    const artifacts = await benchArtifacts()
    const member = benchMember()
    const core = await createProvingCore(artifacts)
    const cold = await createProvingCore(artifacts)
    const verifier = createVerifier(artifacts.vkey)
    let messageId = 0
    const next = () => ({ ...member, messageId: messageId++ % member.rateLimit, x: randomX() })
    const go = () => Promise.resolve()
    const peers = await proverPeers(artifacts, next)
    let [sent, proved]: (RlnProof | undefined)[] = []

    tools.note('making slots for the sends')
    const dir = await mkdtemp(join(tmpdir(), 'bench-slots-'))
    const store = slotStore({ storage: await slotFolder(dir), scope: 'bench', key: () => slotKeyOf(1n) })
    const slot = await core.prepare(circuitInput(next()), go)
    for (let id = 0; id < (ROUNDS + 1) * SENDS; id++) {
      await store.put({ epoch: EPOCH, messageId: id, root: slot.root, run: 'bench', slot })
    }
    const finisher = await slotFinisher()
    const identifier = new Uint8Array(32)
    const send = async () => {
      const message = {
        payload: new Uint8Array(200),
        contentTopic: '/bench/1/send/bin',
        timestamp: BigInt(Date.now()),
      }
      const taken = await store.take(({ epoch }) => epoch === EPOCH)
      sent = finisher.finish(taken!.slot, messageX(message))
      return encodeRateLimitProof(sent, identifier, identifier)
    }

    tools.note('measuring')
    const cached = async () => (proved = await core.prove(circuitInput(next()), go))
    let other = 0
    const result = await tools.compare(
      {
        ours: send,
        peers: {
          ...peers,
          finish: () => finisher.finish(slot, randomX()),
          prepare: () => core.prepare(circuitInput(next()), go),
          cached,
          // Another member each time: nothing of the one before is of use.
          plain: () => cold.prove(circuitInput({ ...next(), secret: BigInt(++other) }), go),
        },
      },
      { repeat: { ours: SENDS, finish: 20 } },
    )
    for (const proof of [sent!, proved!]) {
      if (!(await verifier.verify(proof))) throw new RangeError('A proof does not hold')
    }
    await rm(dir, { recursive: true })
    await verifier.stop()
    const { finish, prepare, cached: fromCache, plain, ...others } = result.peers
    const row = (ours: Sample | undefined, text: RowText) => tools.row({ ours: ours!, peers: others }, text)
    return [
      row(result.ours, {
        metric: 'send with a slot ready, draft to proof, slot taken from disk',
        gate: { ratio: 200, atMost: 10 },
      }),
      row(finish, { metric: 'finishing a slot alone', gate: { ratio: 200, atMost: 3 } }),
      row(prepare, { metric: 'making a slot in idle time', gate: { atMost: 1_500 } }),
      row(fromCache, { metric: 'proof without a slot, path cached', gate: { ratio: 2.8 } }),
      row(plain, { metric: 'proof without a slot, nothing cached' }),
    ]
  },
}

export default bench
