import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { lockDataDir } from '../chain/guard.ts'
import { openDatabase } from '../storage/index.ts'
import { beginPayee, pendingVouchers } from './rotation.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from './voucher-book.ts'

const PAYER = `0x${'Aa'.repeat(20)}` as const

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'teahouse-payee-'))
})

function withBook<T>(task: (book: VoucherBook) => T): T {
  const db = openDatabase(join(dataDir, 'vouchers.sqlite'), VOUCHER_MIGRATIONS)
  try {
    return task(voucherBook(db))
  } finally {
    db.close()
  }
}
const enter = () =>
  withBook((book) =>
    book.enter({ payer: PAYER, epoch: 1n, cumulative: 5n, signature: '0x01', peerId: 'peer' }),
  )

describe('another payee', () => {
  it('begins with no vouchers, and what was paid stays', async () => {
    enter()
    withBook((book) => book.setCollected(PAYER, 1n, 5n))
    expect(await beginPayee(dataDir, async () => 'named')).toBe('named')
    expect(withBook((book) => [book.voucher(PAYER, 1n), book.credit(PAYER)])).toEqual([undefined, 5n])
  })

  it('is not named while the node runs', async () => {
    const locked = await lockDataDir(dataDir)
    let isNamed = false
    const begun = beginPayee(dataDir, async () => void (isNamed = true))
    await expect(begun).rejects.toMatchObject({ code: 'LOCKED' })
    expect(isNamed).toBe(false)
    locked.release()
  })

  it('takes no voucher away that is not collected', async () => {
    const begun = beginPayee(dataDir, async () => void enter())
    await expect(begun).rejects.toMatchObject({ code: 'VOUCHERS_PENDING', detail: { pending: 5n } })
    let isNamed = false
    await expect(beginPayee(dataDir, async () => void (isNamed = true))).rejects.toMatchObject({
      code: 'VOUCHERS_PENDING',
    })
    expect([isNamed, pendingVouchers(dataDir)]).toEqual([false, 5n])
  })
})
