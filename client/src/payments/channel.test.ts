import { zeroAddress, type Address } from 'viem'
import { describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import { createChannels } from './channel.ts'

const account = createAccount()
const PAYEES: readonly Address[] = [`0x${'2'.repeat(40)}`, `0x${'3'.repeat(40)}`]

/** A chain on which each transaction takes a moment. */
function fakeChain(balance: bigint) {
  const written: string[] = []
  const allocated = new Map<string, bigint>()
  const moment = () => new Promise((resolve) => setTimeout(resolve, 5))
  const chain = {
    account,
    contracts: {
      Token: { address: zeroAddress },
      PaymentChannels: {
        address: zeroAddress,
        read: {
          balance: async () => balance,
          account: async ([, payee]: [Address, Address]) => ({
            epoch: 1,
            allocated: allocated.get(payee) ?? 0n,
            collected: 0n,
            signer: allocated.has(payee) ? account.address : zeroAddress,
            thawingUntil: 0,
          }),
        },
      },
    },
    reader: { readContract: async () => 10n ** 12n },
    read: async (_what: string, read: () => Promise<unknown>) => await read(),
    async write({ functionName, args }: { functionName: string; args: [Address, bigint] }) {
      await moment()
      const [to, amount] = args
      written.push(`${functionName} ${amount}`)
      if (functionName === 'deposit') balance += amount
      if (functionName !== 'allocate') return
      const more = amount - (allocated.get(to) ?? 0n)
      if (more > balance) throw new Error('the deposit is too small')
      balance -= more
      allocated.set(to, amount)
    },
  } as unknown as Chain
  return { channels: createChannels({ chain, account }), written }
}

describe('putting aside', () => {
  it('deposits once for the same payee, though it is asked twice at a time', async () => {
    const { channels, written } = fakeChain(0n)
    const both = [channels.cover(PAYEES[0]!, 10n, 5n), channels.cover(PAYEES[0]!, 12n, 5n)]
    const [first, second] = await Promise.all(both)
    expect(written).toEqual(['deposit 15', 'allocate 15'])
    expect([first!.isNew, second!.isNew]).toEqual([true, false])
  })

  it('does not count the same deposit for two payees', async () => {
    const { channels, written } = fakeChain(10n)
    await Promise.all(PAYEES.map((payee) => channels.cover(payee, 10n, 0n)))
    expect(written).toEqual(['allocate 10', 'deposit 10', 'allocate 10'])
  })

  it('goes on after one that failed', async () => {
    const { channels, written } = fakeChain(10n)
    const failing = channels.cover(PAYEES[0]!, 10n ** 13n, 0n)
    const next = channels.cover(PAYEES[1]!, 10n, 0n)
    await expect(failing).rejects.toMatchObject({ code: 'NOT_ENOUGH_TOKENS' })
    await next
    expect(written).toEqual(['allocate 10'])
  })
})
