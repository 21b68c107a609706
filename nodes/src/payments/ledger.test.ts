import { getAddress, type Address, type PublicClient } from 'viem'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { ledgerCsv, paymentLedger } from './ledger.ts'
import { VOUCHER_MIGRATIONS } from './voucher-book.ts'

const addressOf = (at: number): Address => getAddress(`0x${String(at).padStart(40, '0')}`)
const [OLD, NEW, PAYER] = [addressOf(1), addressOf(2), addressOf(3)]

interface Paid {
  readonly payee: Address
  readonly block: number
  readonly paid: bigint
}

/** A chain of which only the payments are read. */
function world() {
  const payments: Paid[] = []
  let head = 10
  const client = {
    getBlockNumber: async () => BigInt(head),
    getBlock: async () => ({ timestamp: 0n }),
    getLogs: async ({ args, fromBlock, toBlock }: { args: Paid; fromBlock: bigint; toBlock: bigint }) =>
      payments.flatMap(({ payee, block, paid }, logIndex) => {
        const isAsked = getAddress(args.payee) === payee && block >= fromBlock && block <= toBlock
        const log = { blockNumber: BigInt(block), logIndex, transactionHash: '0x1' }
        return isAsked ? [{ ...log, args: { payer: PAYER, epoch: 1n, paid } }] : []
      }),
  } as unknown as PublicClient
  const db = openDatabase(':memory:', VOUCHER_MIGRATIONS)
  const of = (payee: Address) =>
    paymentLedger({
      db,
      client,
      channels: addressOf(9),
      payee,
      fromBlock: 0,
      blockRange: 4,
      confirmations: 2,
    })
  const collected = async (payee: Address) =>
    (await of(payee).entries()).reduce((sum, entry) => sum + entry.collected, 0n)
  const pay = (payee: Address, block: number, paid: bigint) => payments.push({ payee, block, paid })
  return { pay, collected, of, at: (block: number) => (head = block) }
}

describe('the ledger', () => {
  it('counts each payment once, final or not', async () => {
    const { pay, collected, at, of } = world()
    pay(OLD, 3, 5n)
    pay(OLD, 10, 7n)
    expect([await collected(OLD), await collected(OLD)]).toEqual([12n, 12n])
    at(30)
    pay(OLD, 29, 1n)
    expect([await collected(OLD), await collected(OLD)]).toEqual([13n, 13n])
    expect(ledgerCsv(await of(OLD).entries()).split('\n')).toHaveLength(5)
  })

  it('counts what the former payee was paid until it was replaced, and the present one from then on', async () => {
    const { pay, collected, at } = world()
    pay(OLD, 3, 5n)
    expect(await collected(OLD)).toBe(5n)
    at(20)
    pay(OLD, 15, 7n) // the last settlement before the change, that nobody has read yet
    pay(NEW, 18, 11n)
    expect([await collected(NEW), await collected(NEW)]).toEqual([23n, 23n])
    at(40)
    pay(OLD, 35, 100n) // no more of this node's
    pay(NEW, 36, 13n)
    expect([await collected(NEW), await collected(NEW)]).toEqual([36n, 36n])
  })
})
