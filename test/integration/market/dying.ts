import { DatabaseSync } from 'node:sqlite'

/** Where a node's process ends, as if its machine had: before or after what it writes of payments, and what it sends. */
export const NODE_STEPS = [
  'before entering the voucher',
  'while entering the voucher',
  'after entering the voucher',
  'before spending',
  'while spending',
  'after spending',
  'before setPublished',
  'after setPublished',
  'before sending',
  'after sending',
  'before setCollected',
  'after setCollected',
  'before close',
  'after close',
] as const
export type NodeStep = (typeof NODE_STEPS)[number]

/** The same for a client: before or after what it signs is on disk, and before it makes use of an answer. */
export const CLIENT_STEPS = [
  'before signing',
  'after signing',
  'when the voucher was taken',
  'when the page came',
] as const
export type ClientStep = (typeof CLIENT_STEPS)[number]

/** The last thing that this process does, if it is at the step. */
export const die = (): void => void process.kill(process.pid, 'SIGKILL')

/** Statements of the voucher book, by the step that they are. */
const WRITES: readonly (readonly [RegExp, string])[] = [
  [/^UPDATE vouchers SET published/, 'setPublished'],
  [/^UPDATE vouchers SET closed/, 'close'],
]
const FIRST_OF_ENTERING = /^INSERT INTO vouchers/
const LAST_OF_ENTERING = /^INSERT OR REPLACE INTO credits/
const SPENDING = /^INSERT INTO accounts/
const COLLECTED = /^UPDATE vouchers SET collected/

/** From now on this process, a node's, ends when it comes to `last`. */
export function dieAtNodeStep(last: NodeStep): void {
  let isSent = false
  let hasEntered = false
  let isSpending = false
  const step = (name: string): void => {
    if (name === last) die()
  }

  function before(sql: string): void {
    if (FIRST_OF_ENTERING.test(sql)) step('before entering the voucher')
    if (isSent && COLLECTED.test(sql)) step('before setCollected')
    for (const [write, name] of WRITES) if (write.test(sql)) step(`before ${name}`)
  }

  function after(sql: string): void {
    if (LAST_OF_ENTERING.test(sql)) {
      hasEntered = true
      step('while entering the voucher')
    }
    if (isSpending && SPENDING.test(sql)) step('while spending')
    if (isSent && COLLECTED.test(sql)) step('after setCollected')
    for (const [write, name] of WRITES) if (write.test(sql)) step(`after ${name}`)
  }

  const { prepare, exec } = DatabaseSync.prototype
  DatabaseSync.prototype.prepare = function (sql, ...rest) {
    const statement = prepare.call(this, sql, ...rest)
    const run = statement.run.bind(statement) as (...given: unknown[]) => ReturnType<typeof statement.run>
    statement.run = (...given: unknown[]) => {
      before(sql)
      const result = run(...given)
      after(sql)
      return result
    }
    return statement
  }
  DatabaseSync.prototype.exec = function (sql) {
    // The book sets it around what it spends, and only there.
    if (sql === 'PRAGMA synchronous = NORMAL') {
      step('before spending')
      isSpending = true
    }
    if (sql === 'PRAGMA synchronous = FULL') {
      step('after spending')
      isSpending = false
    }
    exec.call(this, sql)
    if (sql === 'COMMIT' && hasEntered) step('after entering the voucher')
  }

  const request = globalThis.fetch
  globalThis.fetch = async (...given) => {
    const body = given[1]?.body
    const isSending = typeof body === 'string' && body.includes('eth_sendRawTransaction')
    if (isSending) step('before sending')
    const response = await request(...given)
    if (isSending) {
      isSent = true
      step('after sending')
    }
    return response
  }
}
