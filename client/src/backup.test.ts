import { describe, expect, it } from 'vitest'
import { createAccount } from './account/account.ts'
import { restoreBackup, writeBackup } from './account/backup/backup.ts'
import { backupSections } from './backup.ts'
import { durableMarks } from './membership/leases/marks.ts'
import { voucherBook } from './payments/voucher-book.ts'
import { scopesOf } from './scopes.ts'
import { memoryStore, type KeyValueStore } from './storage/store.ts'
import { addressAt, CONTRACTS } from './testing/contracts.ts'

const account = createAccount()
const scopes = scopesOf({ chainId: 31337, genesis: 'ab12', account: account.address, contracts: CONTRACTS })
const PAYEE = addressAt(7)

const pay = (storage: KeyValueStore, amount: bigint, epoch = 1n) =>
  voucherBook(storage, scopes.vouchers).add(PAYEE, { epoch, amount, floor: 0n })
const signed = (storage: KeyValueStore, epoch = 1n) =>
  voucherBook(storage, scopes.vouchers).signed(PAYEE, epoch)
const backup = (storage: KeyValueStore) =>
  writeBackup({ account, sections: backupSections(storage, account) })
const restore = (bytes: Uint8Array, storage: KeyValueStore) =>
  restoreBackup(bytes, { account, sections: backupSections(storage, account) })

describe('the backup of an account', () => {
  it('takes vouchers along, and nothing that must not be used twice', async () => {
    const device = memoryStore()
    await pay(device, 500n)
    await durableMarks(device, scopes.messageIds).raise(9n, 1, { first: 0, end: 1 })
    for (const key of [
      `${scopes.slots}/slot/1/2/ab`,
      `session/${scopes.outbox}`,
      `outbox/${scopes.outbox}/1`,
    ]) {
      await device.set(key, 'used once')
    }
    const [fresh, bytes] = [memoryStore(), await backup(device)]
    expect(await restore(bytes, fresh)).toMatchObject({ skipped: [] })
    expect(await signed(fresh)).toBe(500n)
    expect((await fresh.keys('')).filter((key) => !key.startsWith('voucher/'))).toEqual([])
  })

  it('never brings a sum back to what it was', async () => {
    const device = memoryStore()
    await pay(device, 500n)
    const old = await backup(device)
    await pay(device, 200n)
    await restore(old, device)
    expect(await signed(device)).toBe(700n)
    await pay(device, 1n, 2n)
    await restore(old, device)
    expect(await signed(device, 2n)).toBe(1n)
  })

  it('takes in vouchers of its own account only, and none that are damaged', async () => {
    for (const vouchers of [
      { [`ab/${addressAt(2)}/${addressAt(9)}/${PAYEE}`.toLowerCase()]: '1 2' },
      { [`${scopes.vouchers}/${PAYEE}`.toLowerCase()]: 'two' },
      { '../message-ids/x': '1 2' },
      { [`${scopes.messageIds}`]: '1 2' },
      [],
    ]) {
      const section = {
        name: 'vouchers',
        version: 1,
        collect: async () => vouchers,
        prepare: () => async () => {},
      }
      const [bytes, storage] = [await writeBackup({ account, sections: [section] }), memoryStore()]
      await expect(restore(bytes, storage)).rejects.toMatchObject({ code: 'BAD_SECTION' })
      expect(await storage.keys('')).toEqual([])
    }
  })
})
