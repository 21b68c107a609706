import { contentTree } from '@teahouse/protocol/receipts'
import { pino } from 'pino'
import { getAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterEach, expect, it } from 'vitest'
import { BlobError } from '../blob/index.ts'
import { openDatabase } from '../storage/index.ts'
import { RECEIPT_MIGRATIONS, receiptBook } from './book.ts'
import { CourtsConfig } from './config.ts'
import { receiptDesk } from './desk.ts'

const NOW = 10_000
const WINDOW = 20
const CONTENT = new Uint8Array(5).fill(1)
const { root, size } = contentTree(CONTENT)
const CLIENT = getAddress(`0x${'c1'.repeat(20)}`)

const stops: (() => void)[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop()))

/** A desk over a book and a store of contents, in memory. */
async function open() {
  const db = openDatabase(':memory:', RECEIPT_MIGRATIONS)
  stops.push(() => db.close())
  const promiser = { chainId: 1, court: `0x${'c0'.repeat(20)}` as const, operator: 7, maxTerm: 300 }
  const book = receiptBook(db, promiser, { take: async () => undefined, leave: async () => 'stopped' })
  const config = CourtsConfig.parse({ receipts: true })
  await book.open(NOW - 100, config.liability)
  const contents = new Map([[root, CONTENT]])
  const held = new Map<string, number>()
  const desk = receiptDesk(config, {
    ...{ book, promiser, window: WINDOW, account: privateKeyToAccount(generatePrivateKey()) },
    content: {
      read: async (wanted) => contents.get(wanted),
      async holdUntil(wanted, end) {
        if (!contents.has(wanted)) throw new BlobError('It is not here', { code: 'NOT_FOUND' })
        held.set(wanted, end)
      },
    },
    stakeUntil: async () => 1_000n * config.liability,
    chainTime: () => NOW,
    log: pino({ level: 'silent' }),
  })
  return { desk, contents, held, ask: () => desk.issue({ client: CLIENT, root, size, until: NOW + 100 }) }
}

it('holds the content before it signs the same receipt again', async () => {
  const { ask, held, desk } = await open()
  const first = await ask()
  held.clear()
  expect(await ask()).toEqual(first)
  expect(held.get(root)).toBe(NOW + 100 + 2 * WINDOW + 1)
  expect(desk.issued).toBe(1)
})

it('signs no receipt again for what is not here any more', async () => {
  const { ask, contents } = await open()
  expect((await ask()).receipt).toBeDefined()
  contents.clear()
  expect(await ask()).toEqual({ reason: 'NO_CONTENT' })
})
