import type { Address } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import { createChain } from '../chain/chain.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore } from '../storage/store.ts'
import { createMoney } from './money.ts'
import { tokenChain } from './testing/token-chain.ts'

const SHOP: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

let chain: Awaited<ReturnType<typeof tokenChain>>
let disk: ReturnType<typeof memoryStore>
const account = createAccount()

/** A process of the account, over what earlier ones left on the disk. */
const start = (storage = disk) =>
  createMoney({
    chain: createChain(chain.network, account.eth),
    account,
    store: sealedStore(storage, { key: account.storageKey, scope: 'money' }),
    now: () => 1_000,
  })

beforeEach(async () => {
  chain = await tokenChain()
  disk = memoryStore()
  chain.give(account.address, 100_000_000n)
})
afterEach(() => chain.stop())

describe('a payment', () => {
  it('moves the amount, in whole tokens or units', async () => {
    const paid = await start().pay(SHOP, '2.5')
    expect(paid).toMatchObject({ amount: 2_500_000n, to: SHOP, resumed: false, receipt: undefined })
    await start().pay(SHOP, 1n)
    expect(chain.has(SHOP)).toBe(2_500_001n)
  })

  it('is in the history, with where it went', async () => {
    const { hash } = await start().pay(SHOP, '1', { note: 'rent' })
    const { entries, doubtful } = await start().history()
    expect(doubtful).toEqual([])
    expect(entries).toMatchObject([{ direction: 'out', amount: 1_000_000n, other: SHOP, note: 'rent', hash }])
  })

  it('of the same is made again when the first was told of', async () => {
    await start().pay(SHOP, '1')
    await start().pay(SHOP, '1')
    expect(chain.has(SHOP)).toBe(2_000_000n)
  })
})

describe('what must not happen: paid twice', () => {
  it('when the answer was lost', async () => {
    chain.state.answersLost = true
    await expect(start().pay(SHOP, '3')).rejects.toMatchObject({ code: 'FAILED' })
    chain.state.answersLost = false
    expect(await start().quote(SHOP, '3')).toMatchObject({ begun: true })
    expect(await start().pay(SHOP, '3')).toMatchObject({ resumed: true })
    expect(chain.has(SHOP)).toBe(3_000_000n)
  })

  it('when it was signed and not sent: the same bytes go out', async () => {
    chain.state.down = true
    await expect(start().pay(SHOP, '4', { id: 'rent' })).rejects.toMatchObject({ code: 'FAILED' })
    const [entry] = (await start().history()).entries
    const { hash, payment } = entry!
    expect(payment).toMatchObject({ id: 'rent', state: 'sending' })
    expect(chain.has(SHOP)).toBe(0n)
    chain.state.down = false
    expect(await start().pay(SHOP, '4', { id: 'rent' })).toMatchObject({ hash, resumed: true })
    expect(await start().pay(SHOP, '4', { id: 'rent' })).toMatchObject({ hash, resumed: true })
    expect(chain.has(SHOP)).toBe(4_000_000n)
  })

  it('when it waits to be mined and is asked for again', async () => {
    chain.state.held = true
    const first = start().pay(SHOP, '5')
    await expect.poll(() => chain.state.sent).toBe(1)
    const second = start().pay(SHOP, '5')
    await expect.poll(() => chain.state.sent).toBe(2)
    chain.mineAll()
    expect((await second).hash).toBe((await first).hash)
    expect(chain.has(SHOP)).toBe(5_000_000n)
  })

  it('under an id that another payment has', async () => {
    await start().pay(SHOP, '1', { id: 'rent' })
    const other = start().pay(SHOP, '2', { id: 'rent' })
    await expect(other).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect(chain.has(SHOP)).toBe(1_000_000n)
  })

  it('when nothing could be written down: then nothing is sent', async () => {
    const broken = {
      ...disk,
      update: () => Promise.reject(new Error('the disk is full')),
    }
    await expect(start(broken).pay(SHOP, '1')).rejects.toThrow('the disk is full')
    expect(chain.state.sent).toBe(0)
  })
})

it('one whose place another transaction took is not paid, and is made anew when it is asked for again', async () => {
  chain.state.down = true
  await expect(start().pay(SHOP, '6')).rejects.toMatchObject({ code: 'FAILED' })
  chain.state.down = false
  await start().pay(SHOP, '1')
  const dropped = (await start().history()).entries.filter(({ payment }) => payment?.state === 'dropped')
  expect(dropped).toHaveLength(1)
  expect(await start().pay(SHOP, '6')).toMatchObject({ resumed: false })
  expect(chain.has(SHOP)).toBe(7_000_000n)
})

describe('when it must refuse', () => {
  it.each([
    { given: 'more decimals than the token has', to: SHOP, amount: '0.0000001', code: 'TOO_PRECISE' },
    { given: 'nothing', to: SHOP, amount: '0', code: 'BAD_PAYMENT' },
    { given: 'more than there is', to: SHOP, amount: '101', code: 'NOT_ENOUGH_TOKENS' },
    { given: 'the zero address', to: `0x${'0'.repeat(40)}`, amount: '1', code: 'BAD_PAYMENT' },
    {
      given: 'a mistyped address',
      to: SHOP.replace('70997970C', '70997970c'),
      amount: '1',
      code: 'BAD_PAYMENT',
    },
    { given: 'a contact without a chat', to: 'Bob', amount: '1', code: 'CHAT_NEEDED' },
  ])('$given: $code', async ({ to, amount, code }) => {
    await expect(start().pay(to, amount)).rejects.toMatchObject({ code })
    expect(chain.state.sent).toBe(0)
  })
})
