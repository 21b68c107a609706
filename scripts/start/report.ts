import Table from 'cli-table3'
import type { Hash } from 'viem'

/** What a mined transaction is known by. `hash` and `gasUsed` as in viem's receipt. */
export interface Mined {
  readonly hash: Hash
  readonly gasUsed: bigint
}

interface Measured {
  readonly ms?: number
  readonly mined?: Mined | undefined
}

interface Row extends Measured {
  readonly step: number
  readonly what: string
}

/** What a step writes down while it runs; every line shows on the terminal at once and in the table at the end. */
export interface StepLog {
  /** Runs and times one action. If it gives a mined transaction, its gas and hash are noted too. */
  time<T>(what: string, action: () => Promise<T>): Promise<T>
  /** Writes down what was measured elsewhere: a transaction, a time in milliseconds, or both. */
  note(what: string, measured: Measured): void
}

export type Report = ReturnType<typeof report>

/** The terminal's side of `npm start`: progress lines while it runs, then the table. Times in milliseconds. */
export function report(out: NodeJS.WritableStream) {
  const rows: Row[] = []
  let steps = 0

  async function step<T>(title: string, run: (log: StepLog) => Promise<T>): Promise<T> {
    const number = ++steps
    const began = performance.now()
    out.write(`\n${number}  ${title}\n`)
    const result = await run({
      time: (what, action) => time(number, what, action),
      note: (what, measured) => note({ step: number, what, ...measured }),
    })
    out.write(`   ${duration(performance.now() - began).padStart(8)}  step ${number} held\n`)
    return result
  }

  async function time<T>(number: number, what: string, action: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const result = await action()
    const ms = performance.now() - began
    note({ step: number, what, ms, mined: isMined(result) ? result : undefined })
    return result
  }

  function note(row: Row): void {
    rows.push(row)
    const time = row.ms === undefined ? '' : duration(row.ms)
    out.write(`   ${time.padStart(8)}  ${row.what}${row.mined ? `, ${row.mined.gasUsed} gas` : ''}\n`)
  }

  /** Every action so far: step, what, ms, gas, and the beginning of the transaction's hash. */
  function table(): string {
    const sheet = new Table({
      head: ['step', 'what', 'ms', 'gas', 'transaction'],
      style: PLAIN,
      colAligns: ALIGNS,
    })
    for (const { step, what, ms, mined } of rows) {
      sheet.push([
        step,
        what,
        ms === undefined ? '' : Math.round(ms),
        mined?.gasUsed.toString() ?? '',
        mined?.hash.slice(0, 12) ?? '',
      ])
    }
    return sheet.toString()
  }

  return { step, table }
}

const PLAIN = { head: [], border: [], compact: true }
const ALIGNS: ('left' | 'right')[] = ['right', 'left', 'right', 'right', 'left']

function isMined(value: unknown): value is Mined {
  return typeof value === 'object' && value !== null && 'hash' in value && 'gasUsed' in value
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
