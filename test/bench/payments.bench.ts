import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { numberToHex, verifyTypedData, type Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { signVoucher, voucherTypedData, type Voucher } from '@teahouse/protocol/payments'
import { decode, PROTOCOLS, StoreQueryRequest, StoreQueryResponse } from '@teahouse/protocol/wire'
import { createLog } from '@teahouse/nodes'
import type { Bench, Gate, Row } from '../../scripts/bench/bench.ts'
import { sampleOf, type Tools } from '../../scripts/bench/tools.ts'
import type { Charge } from '../../nodes/src/net/index.ts'
import { ask, testHost } from '../../nodes/src/net/test-hosts.ts'
import { createMeter } from '../../nodes/src/payments/meter.ts'
import { createSettlement } from '../../nodes/src/payments/settlement.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from '../../nodes/src/payments/voucher-book.ts'
import { voucherSigner } from '../../nodes/src/payments/voucher-signer.ts'
import { windowCounter } from '../../nodes/src/payments/window-counter.ts'
import { openDatabase } from '../../nodes/src/storage/index.ts'
import { store } from '../../nodes/src/store/index.ts'
import { message, NOW_NS, testArchive, TOPIC } from '../../nodes/src/store/testing/archives.ts'
import { sizeOf } from './tools/bench-chain.ts'

const CHANNELS: Address = `0x${'cc'.repeat(20)}`
const PAYEE: Address = `0x${'bb'.repeat(20)}`
const CHAIN_ID = 31_337
const PRICE = 1_000n
const PAYERS = sizeOf('BENCH_PAYERS', 10_000)
const STORED = 2_000
const PAGE = 20n
/** Queries of a round, and how many are on their way at a time. */
const QUERIES = sizeOf('BENCH_PAID_QUERIES', 400)
const AT_ONCE = 16
const ROUNDS = 20

const payerOf = (number: number): Address => numberToHex(number + 1, { size: 20 })
const log = createLog('silent')

async function voucherCheck(tools: Tools): Promise<Row> {
  const account = privateKeyToAccount(generatePrivateKey())
  const voucher: Voucher = { payer: account.address, payee: PAYEE, epoch: 1n, cumulative: 123_456_789n }
  const signature = await signVoucher(account, CHANNELS, CHAIN_ID, voucher)
  const signerOf = voucherSigner(CHANNELS, CHAIN_ID)
  const viem = () =>
    verifyTypedData({ ...voucherTypedData(CHANNELS, CHAIN_ID, voucher), address: account.address, signature })
  const result = await tools.compare(
    { ours: () => signerOf(voucher, signature), peers: { 'viem verifyTypedData': viem } },
    { repeat: { ours: 200, 'viem verifyTypedData': 20 } },
  )
  return tools.row(result, { metric: 'voucher check, whole (WebAssembly)', gate: { ratio: 8 } })
}

/** A meter with one payer, who has paid for all that comes. */
function paidMeter(book: VoucherBook) {
  const counter = (units: number) =>
    windowCounter({ limitOf: () => ({ units, windowSeconds: 60 }), maxPeers: PAYERS, now: Date.now })
  return createMeter({
    priceOf: (service) => (service === 'store-query' ? PRICE : 0n),
    ...{ book, quota: counter(0), rates: counter(Infinity), offerId: async () => 'offer' },
  })
}

const enter = (book: VoucherBook, payer: Address, cumulative: bigint) =>
  book.enter({ payer, epoch: 1n, cumulative, signature: `0x${'11'.repeat(64)}1b`, peerId: 'peer' })

/** Queries a second at one node over loopback, free and paid in turn, now the one first and now the other. */
async function workload(folder: string, tools: Tools): Promise<Row> {
  const archive = await testArchive(() => Number(NOW_NS / 1_000_000n))
  for (let at = 0; at < STORED; at++)
    await archive.put(TOPIC, message({ payload: new Uint8Array(500), timestamp: NOW_NS + BigInt(at) }))
  const book = voucherBook(openDatabase(join(folder, 'workload.sqlite'), VOUCHER_MIGRATIONS))
  const meter = paidMeter(book)
  let charge: Charge = async () => ({ ok: true })
  const [node, client] = [await testHost(), await testHost([])]
  const service = store({ maxInboundStreams: 1_000 })({
    ...{ net: node, messages: archive, topics: [TOPIC], now: Date.now, log },
    isForgotten: () => false,
    charge: (...given) => charge(...given),
  })
  try {
    await Promise.all([node.start(), client.start()])
    await service.start()
    enter(book, payerOf(0), PRICE * BigInt(QUERIES) * BigInt(ROUNDS + 2))
    meter.bind(client.peerId.toString(), payerOf(0))
    const query = StoreQueryRequest.encode({
      ...{ requestId: 'r', includeData: true, contentTopics: ['/a/1/x/proto'], messageHashes: [] },
      ...{ pubsubTopic: TOPIC, paginationForward: true, paginationLimit: PAGE },
    })

    const round = async (by: Charge): Promise<number> => {
      charge = by
      const began = performance.now()
      let left = QUERIES
      const asker = async () => {
        while (left-- > 0) {
          const answer = decode(StoreQueryResponse, await ask(client, node, PROTOCOLS.store, query))
          if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, asker))
      return (1_000 * QUERIES) / (performance.now() - began)
    }

    await ask(client, node, PROTOCOLS.store, query) // streams that come before a connection is ready are few
    const [free, paid]: [number[], number[]] = [[], []]
    for (let turn = -1; turn < ROUNDS; turn++) {
      const runs = [
        async () => (free[turn + 1] = await round(async () => ({ ok: true }))),
        async () => (paid[turn + 1] = await round(meter.charge)),
      ]
      for (const run of turn % 2 === 0 ? runs : runs.reverse()) await run()
    }
    for (const list of [free, paid]) list.shift() // warming up
    tools.note(
      `${Math.round(sampleOf(free).median)} free and ${Math.round(sampleOf(paid).median)} paid queries a second`,
    )
    const lost = free.map((rate, at) => 100 * (1 - paid[at]! / rate))
    const { median, min } = sampleOf(lost)
    return row('paid store queries: throughput lost to paying', '%', median, min, { atMost: 5 })
  } finally {
    await service.stop()
    await Promise.all([node.stop(), client.stop()])
    await archive.destroy()
  }
}

/** Heap after a collection. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times++) collect()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

async function manyPayers(folder: string, tools: Tools): Promise<Row[]> {
  const book = voucherBook(openDatabase(join(folder, 'payers.sqlite'), VOUCHER_MIGRATIONS))
  const meter = paidMeter(book)
  for (let at = 0; at < 100; at++) enter(book, payerOf(PAYERS + at), 1n)
  const before = heap()
  for (let at = 0; at < PAYERS; at++) {
    enter(book, payerOf(at), 20n * PRICE)
    meter.bind(`16Uiu2HAm${String(at).padStart(44, 'x')}`, payerOf(at))
    await meter.charge(`16Uiu2HAm${String(at).padStart(44, 'x')}`, 'store-query', 1)
  }
  const each = (heap() - before) / PAYERS
  tools.note(`${PAYERS} payers have paid`)

  const collected = new Map<string, bigint>()
  const sizes: number[] = []
  const current = async (payer: Address) => {
    const paid = collected.get(payer) ?? 0n
    return { signer: payer, epoch: 1n, allocated: 10n ** 9n, collected: paid, thawingUntil: 0 }
  }
  const settlement = createSettlement({
    book,
    channel: { current, final: current },
    sender: {
      async send({ args }) {
        const vouchers = args[1] as { payer: Address; cumulative: bigint }[]
        for (const { payer, cumulative } of vouchers) collected.set(payer, cumulative)
        sizes.push(vouchers.length)
        return { transactionHash: '0x02', logs: [] } as never
      },
    },
    ...{
      channels: CHANNELS,
      payee: PAYEE,
      settleEveryMs: 1_000,
      minimumSettlement: 10n,
      thawSeconds: 3_600,
      log,
    },
  })
  const began = process.cpuUsage()
  let sent = 0
  do {
    sent = sizes.length
    await settlement.settle() // a run looks at some hundreds of channels
  } while (sizes.length > sent)
  const { user, system } = process.cpuUsage(began)
  const { pending } = book.totals()
  if (pending > 100n) throw new Error(`${pending} was not collected`)
  const gas = JSON.parse(await readFile('snapshots/PaymentChannels.json', 'utf8')) as Record<string, string>
  const what = `settling ${PAYERS.toLocaleString('en')} payers`
  return [
    row(`memory of a payer, of ${PAYERS.toLocaleString('en')}`, 'bytes', each, each, { atMost: 1_024 }),
    row(`${what}: transactions`, '', sizes.length, sizes.length, { atMost: Math.ceil(PAYERS / 50) }),
    row(
      `${what}: gas of a voucher in a batch, by the snapshot`,
      'gas',
      Number(gas['collect, each of 25']),
      0,
      null,
    ),
    row(`${what}: CPU of the node`, 's', (user + system) / 1e6, (user + system) / 1e6, null),
  ]
}

function row(metric: string, unit: string, ours: number, min: number, gate: Gate | null): Row {
  return { metric, unit, ours, min, peers: {}, ratio: null, gate }
}

async function run(tools: Tools): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-bench-'))
  try {
    const payers = await manyPayers(folder, tools) // first: what the others leave behind would be freed meanwhile
    return [await voucherCheck(tools), await workload(folder, tools), ...payers]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export default {
  name: 'payments',
  title: 'vouchers checked, paid service, many payers and their settlement',
  run,
} satisfies Bench
