import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { createVerifier, type RlnProof } from '@teahouse/protocol/rln'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import { sampleOf, type RowText, type Tools } from '../../scripts/bench/tools.ts'
import { CHROMIUM, hostPage } from '../browser/support/chromium.ts'
import { benchArtifacts } from './tools/artifacts.ts'

declare global {
  var measured: Awaited<ReturnType<(typeof globalThis.bench)['open']>>
}

const ROUNDS = 10
const TASKS = ['send', 'prepare', 'cached', 'snarkjs', 'zerokit'] as const
type Name = (typeof TASKS)[number]
const REPEAT = { send: 20, prepare: 1, cached: 1, snarkjs: 1, zerokit: 1 }
/** A phone of the lower middle class, as Chromium's own tools put it. */
const SLOW = 4

/** The same proofs in the thread of a real page, everyone in one thread; also with the page slowed down. */
const bench: Bench = {
  name: 'proofs',
  title: 'making proofs in Chromium',
  async run(tools) {
    if (!CHROMIUM) {
      tools.note('there is no Chromium: skipped')
      return []
    }
    const host = await hostPage(join(import.meta.dirname, 'page'))
    try {
      const page = await (await host.context()).newPage()
      await page.goto(host.url)
      await page.evaluate(async () => {
        globalThis.measured = await globalThis.bench.open()
      })
      const rows = await measure(tools, page, { where: 'Chromium', tasks: TASKS })
      const session = await page.context().newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW })
      // Against the first peer alone: slowed down, a round takes half a minute already.
      const tasks = TASKS.filter((name) => name !== 'zerokit')
      return [...rows, ...(await measure(tools, page, { where: `Chromium slowed ${SLOW} ×`, tasks }))]
    } finally {
      await host.stop()
    }
  },
}

interface Measured {
  readonly where: string
  readonly tasks: readonly Name[]
}

async function measure(tools: Tools, page: Page, { where, tasks }: Measured): Promise<Row[]> {
  tools.note(`measuring in ${where}`)
  const samples = Object.fromEntries(tasks.map((name) => [name, [] as number[]]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const name of tasks) {
      const run = ([task, repeat]: [Name, number]) => globalThis.measured.measure(task, repeat)
      const ms = await page.evaluate(run, [name, REPEAT[name]] as [Name, number])
      if (round >= 0) samples[name]!.push(ms)
    }
  }
  await mustHold(await page.evaluate(() => globalThis.measured.proof()))
  const of = (name: string) => sampleOf(samples[name]!)
  const peers = {
    snarkjs: of('snarkjs'),
    ...(tasks.includes('zerokit') && { 'zerokit wasm': of('zerokit') }),
  }
  const row = (name: string, text: RowText) => tools.row({ ours: of(name), peers }, { unit: 'ms', ...text })
  return [
    row('send', { metric: `${where}: draft to proof with a slot`, gate: { ratio: 200, atMost: 10 } }),
    row('prepare', { metric: `${where}: making a slot` }),
    row('cached', { metric: `${where}: proof without a slot, path cached`, gate: { ratio: 2.8 } }),
  ]
}

async function mustHold(text: string): Promise<void> {
  const { vkey } = await benchArtifacts()
  const verifier = createVerifier(vkey)
  const parsed: unknown = JSON.parse(text, (key, value: unknown) =>
    typeof value === 'string' && key !== 'path' ? BigInt(value) : value,
  )
  if (!(await verifier.verify(parsed as RlnProof))) throw new RangeError('A proof of the page does not hold')
  await verifier.stop()
}

export default bench
