/** Runs relay nodes in one process, as its parent asks over IPC: see swarm.ts. */
import { readFile } from 'node:fs/promises'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { pino } from 'pino'
import { randomFrom } from '../../../scripts/simulate/random.ts'
import { createVerifierPool, VerifierConfig } from '../../../nodes/src/rln/verifier/index.ts'
import { membersRoot } from './messages.ts'
import { startRelayNode, type RelayNode } from './relay-node.ts'
import type { Asked, Asks } from './swarm.ts'

const nodes: RelayNode[] = []
const { key } = await loadArtifacts((url) => readFile(url))
const verifier = createVerifierPool(
  VerifierConfig.parse({ threads: 1, maxWaitingPerPeer: 4_096, maxWaiting: 16_384 }),
  {
    verificationKey: key.verificationKey,
    log: pino({ level: 'silent' }),
  },
)
const root = membersRoot()

const answers: { readonly [Ask in keyof Asks]: (asked: Asks[Ask]['asked']) => Promise<Asks[Ask]['answer']> } =
  {
    async open({ count, seed }) {
      const { next: random } = randomFrom(seed)
      for (let at = 0; at < count; at++) nodes.push(await startRelayNode({ verifier, root, random }))
      return nodes.map(({ peerId, address }) => ({ peerId, address }))
    },
    async dial({ dials }) {
      for (const [at, addresses] of dials.entries()) await nodes[at]!.dial(addresses)
    },
    async weather({ weather, slowMotion }) {
      for (const node of nodes) node.setWeather(weather, slowMotion)
    },
    publish: ({ node, message }) => nodes[node]!.publish(message),
    async state() {
      return nodes.map((node) => node.state())
    },
    async use() {
      globalThis.gc!()
      const { heapUsed, external } = process.memoryUsage()
      return { cpu: process.cpuUsage(), memory: heapUsed + external }
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      await verifier.stop()
    },
  }

process.on('message', (asked: Asked) => {
  const answer = answers[asked.ask] as (asked: unknown) => Promise<unknown>
  answer(asked).then(
    (value) => process.send!({ id: asked.id, value }),
    (error: unknown) => process.send!({ id: asked.id, error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
process.send!({ id: -1 })
