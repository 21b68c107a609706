import { zeroAddress, type Address } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from './channel-reader.ts'
import { rememberedChannels } from './remembered-channels.ts'

const PAYER: Address = `0x${'aA'.repeat(20)}`
const OPEN: Channel = { signer: PAYER, epoch: 1n, allocated: 100n, collected: 0n, thawingUntil: 0 }

let channel: Channel | undefined
let now: number
let read: (payer: Address) => Promise<Channel>

beforeEach(() => {
  ;[channel, now] = [OPEN, 1_000_000]
  const fromChain = async () => {
    if (!channel) throw new Error('away')
    return channel
  }
  read = rememberedChannels(fromChain, { thawSeconds: 3_600, now: () => now, most: 2 })
})

describe('a channel while the chain is away', () => {
  it('is what it was, until its payer can have taken something out', async () => {
    await read(PAYER)
    channel = undefined
    now += 1_800_000
    expect(await read(PAYER)).toEqual(OPEN)
    now += 1
    await expect(read(PAYER)).rejects.toThrow('away')
  })

  it.each([
    { given: 'is closing', change: { thawingUntil: 5 } },
    { given: 'is closed', change: { signer: zeroAddress } },
  ])('is not known if it $given', async ({ change }) => {
    await read(PAYER)
    channel = { ...OPEN, ...change }
    await read(PAYER)
    channel = undefined
    await expect(read(PAYER)).rejects.toThrow('away')
  })

  it('is not known of those that were read longest ago, when there are many', async () => {
    const payers = ['11', '22', '33'].map((byte): Address => `0x${byte.repeat(20)}`)
    for (const payer of payers) await read(payer)
    channel = undefined
    await expect(read(payers[0]!)).rejects.toThrow('away')
    expect(await read(payers[2]!)).toEqual(OPEN)
  })
})
