import { readFile } from 'node:fs/promises'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import type { Claim } from '@teahouse/protocol/rln'
import { createLog } from '@teahouse/nodes'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import { sampleOf, type Tools } from '../../scripts/bench/tools.ts'
import { VerifierConfig, createVerifierPool, type VerifierPool } from '../../nodes/src/rln/verifier/index.ts'
import { manyProofs, withAnotherRoot } from '../circuits/support/proofs.ts'

const ROUNDS = 10
const ROUND_MS = 2_000
/** Peers that send without a pause, and proofs that each keeps waiting. */
const HONEST = { peers: 4, waiting: 64 }
const ATTACKERS = { peers: 20, waiting: 32 }

const good = manyProofs(20)
const bad = good.map(withAnotherRoot)

interface Crowd {
  readonly peers: number
  readonly waiting: number
}

/** Peers that always have proofs waiting, until the returned function is called; it gives how many were verified. */
function crowd(pool: VerifierPool, name: string, claims: readonly Claim[], { peers, waiting }: Crowd) {
  let going = true
  let verified = 0
  const send = async (peer: number) => {
    for (let at = 0; going; at++) {
      const judged = await pool.verify(claims[at % claims.length]!, `${name} ${peer}`).catch(() => 'dropped')
      if (going && judged !== 'dropped') verified++
    }
  }
  const all = Promise.all(Array.from({ length: peers * waiting }, (_, at) => send(at % peers)))
  return async () => {
    going = false
    for (let peer = 0; peer < peers; peer++) pool.drop(`${name} ${peer}`)
    await all
    return verified
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, ROUND_MS))

/** Honest proofs a second, and those of attackers if there are any. */
async function round(pool: VerifierPool, attack: boolean, number: number): Promise<number> {
  const stopHonest = crowd(pool, 'honest', good, HONEST)
  // New names each time: nothing is known about them.
  const stopAttack = attack ? crowd(pool, `attacker ${number}`, bad, ATTACKERS) : async () => 0
  await pause()
  const [verified] = await Promise.all([stopHonest(), stopAttack()])
  return (verified * 1_000) / ROUND_MS
}

async function run(tools: Tools): Promise<Row[]> {
  const { vkey } = await loadArtifacts((url) => readFile(url))
  const config = VerifierConfig.parse({ threads: 1 })
  const log = createLog('silent')
  const pool = createVerifierPool(config, { verificationKey: vkey, log })
  tools.note('honest proofs with and without a flood of bad ones')
  const [quiet, flooded]: number[][] = [[], []]
  for (let number = -1; number < ROUNDS; number++) {
    const [before, during] = [await round(pool, false, number), await round(pool, true, number)]
    if (number < 0) continue
    quiet!.push(before)
    flooded!.push(during)
  }
  await pool.stop()
  const shares = quiet!.map((before, at) => (100 * flooded![at]!) / before)
  const { median } = sampleOf(shares)
  return [
    {
      metric: `honest proofs verified in a flood (of ${Math.round(sampleOf(quiet!).median)}/s on one thread)`,
      unit: '%',
      ours: median,
      min: sampleOf(shares).min,
      peers: {},
      ratio: null,
      gate: { atLeast: 80 },
    },
  ]
}

export default {
  name: 'proofs',
  title: 'a flood of proofs that do not hold, from peers not known yet',
  run,
} satisfies Bench
