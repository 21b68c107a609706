import { buildPoseidon } from 'circomlibjs'
import { poseidon2 } from 'poseidon-lite'
import { numberToHex, type Hex } from 'viem'
import {
  bulkHashes,
  EMPTY_LEDGER,
  loadSnapshot,
  membershipLedger,
  membershipTree,
  nextLedgerHash,
  readSnapshot,
  snapshotHeader,
  writeSnapshot,
  type MembershipChange,
} from '@teahouse/protocol/rln'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import { cpuMs, type Tools } from '../../scripts/bench/tools.ts'

/** 2^20 members take minutes a round, so 2^16 by default; `TEAHOUSE_BENCH_FULL=1` measures the whole, in fewer rounds. */
const FULL = process.env['TEAHOUSE_BENCH_FULL'] === '1'
const LOG_LEAVES = FULL ? 20 : 16
const ROUNDS = FULL ? 3 : 10
const LEAVES = 2 ** LOG_LEAVES
/** poseidon-lite hashes a smaller tree, and its figure is multiplied: it would take half a minute a round. */
const LOG_SAMPLE = 10
const PAIRS = 256
const NETWORK = {
  chainId: 31337,
  registry: numberToHex(1n, { size: 20 }),
  blockHash: numberToHex(2n, { size: 32 }),
}
const GRACE = 600
const WINDOW = { graceSeconds: GRACE, rootWindowSeconds: 60, keepRecords: true }
/** Roots before this time are not asked for: as in a node that starts, only the last root is hashed. */
const START_SECONDS = 2_000_000_000

/** Registrations as the chain's events tell them, one member each. */
function registrations(): MembershipChange[] {
  let ledger: Hex = EMPTY_LEDGER
  return Array.from({ length: LEAVES }, (_, index) => {
    const idCommitment = BigInt.asUintN(253, BigInt(index + 1) ** 17n * 0x9e3779b97f4a7c15f39cc0605cedc835n)
    const holder = numberToHex(index + 1, { size: 20 })
    const change = { kind: 'registered', index, idCommitment, holder, rateLimit: 20, home: 0 } as const
    const expiry = START_SECONDS
    ledger = nextLedgerHash(ledger, change, { rateLimit: 20, expiry })
    return { ...change, expiry, ledger }
  })
}

function fromEvents(changes: readonly MembershipChange[]) {
  const ledger = membershipLedger({ ...WINDOW, startSeconds: START_SECONDS })
  for (const change of changes) ledger.apply(change, { number: 1n, timestamp: 1_000 })
  void ledger.root
  return ledger
}

/** The definition: leaves, then every level, one hash at a time. */
function scalarTree(commitments: readonly bigint[]): bigint {
  let nodes = commitments.map((commitment) => poseidon2([commitment, 20n]))
  while (nodes.length > 1) {
    nodes = Array.from({ length: nodes.length / 2 }, (_, at) =>
      poseidon2([nodes[2 * at]!, nodes[2 * at + 1]!]),
    )
  }
  return nodes[0]!
}

function bulkTree(commitments: Uint8Array): bigint {
  const leaves = new Uint8Array(commitments.length / 2)
  bulkHashes().hashPairs(commitments, leaves)
  const tree = membershipTree(LOG_LEAVES)
  tree.setMany(0, leaves)
  return tree.root
}

function mustEqual<T>(actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`${String(actual)} is not ${String(expected)}`)
}

async function hashing(tools: Tools): Promise<Row> {
  const circomlib = await buildPoseidon()
  const pairs = new Uint8Array(64 * PAIRS).map((_, at) => (at % 32 === 31 ? 0 : at * 31))
  const numbers = Array.from({ length: PAIRS }, (_, at): [bigint, bigint] => [BigInt(at) ** 25n, BigInt(at)])
  const out = new Uint8Array(32 * PAIRS)
  const result = await tools.compare(
    {
      ours: () => bulkHashes().hashPairs(pairs, out),
      peers: {
        'poseidon-lite': () => numbers.forEach((pair) => poseidon2(pair)),
        circomlibjs: () => numbers.forEach((pair) => circomlib(pair)),
      },
    },
    { rounds: 12, measure: async (task, repeat) => ((await cpuMs(task, repeat)) * 1_000) / PAIRS },
  )
  return tools.row(result, { metric: 'Poseidon of two inputs', unit: 'µs CPU', gate: { ratio: 3.5 } })
}

async function tree(tools: Tools, changes: readonly MembershipChange[]): Promise<Row> {
  const pairs = new Uint8Array(64 * LEAVES)
  const view = new DataView(pairs.buffer)
  changes.forEach(({ idCommitment }, at) => {
    for (let word = 0; word < 4; word++)
      view.setBigUint64(64 * at + 8 * word, BigInt.asUintN(64, idCommitment >> BigInt(64 * word)), true)
    view.setUint8(64 * at + 32, 20)
  })
  const commitments = changes.slice(0, 2 ** LOG_SAMPLE).map(({ idCommitment }) => idCommitment)
  const scalar = () => scalarTree(commitments)
  const factor = 2 ** (LOG_LEAVES - LOG_SAMPLE)
  const result = await tools.compare(
    { ours: () => bulkTree(pairs), peers: { 'poseidon-lite': scalar } },
    { rounds: ROUNDS, measure: async (task) => (await cpuMs(task, 1)) * (task === scalar ? factor : 1) },
  )
  const metric = `hashes of a tree of 2^${LOG_LEAVES} leaves (poseidon-lite: 2^${LOG_SAMPLE} × ${factor})`
  return tools.row(result, { metric, gate: { ratio: 3.5 } })
}

async function snapshot(tools: Tools, changes: readonly MembershipChange[]): Promise<Row> {
  const ledger = fromEvents(changes)
  const state = ledger.state()!
  const header = snapshotHeader(state, NETWORK)
  const bytes = writeSnapshot(header, state)
  const { root } = ledger
  const result = await tools.compare(
    {
      ours() {
        const loaded = loadSnapshot(readSnapshot(bytes), { ...header, graceSeconds: GRACE })
        mustEqual(membershipLedger(WINDOW, loaded.state).root, root)
      },
      peers: { 'from events': () => mustEqual(fromEvents(changes).root, root) },
    },
    { rounds: ROUNDS },
  )
  const metric = `members of 2^${LOG_LEAVES} leaves from a snapshot of ${(bytes.length / 1e6).toFixed(1)} MB`
  return tools.row(result, { metric, gate: { ratio: 40 } })
}

/** What the levels of 2^20 leaves take, nothing hashed. */
function memory(): Row {
  const before = process.memoryUsage().arrayBuffers
  const big = membershipTree()
  big.restore([new Uint8Array(32 * 2 ** 20)])
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6 - (32 * 2 ** 20) / 1e6
  mustEqual(big.leafCount, 2 ** 20)
  const metric = 'memory of a tree of 2^20 leaves'
  return {
    metric,
    unit: 'MB',
    ours: megabytes,
    min: megabytes,
    peers: {},
    ratio: null,
    gate: { atMost: 100 },
  }
}

export default {
  name: 'proofs',
  title: 'the membership tree',
  async run(tools) {
    const rows = [memory(), await hashing(tools)]
    tools.note(`Making ${LEAVES} registrations`)
    const changes = registrations()
    return [...rows, await tree(tools, changes), await snapshot(tools, changes)]
  },
} satisfies Bench
