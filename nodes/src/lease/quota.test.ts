import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { LeaseConfig } from './config.ts'
import { askerAt } from './lease.ts'
import { keyQuota } from './quota.ts'

const KEYS = 1_600

function newQuota({ earlier = 0, keysPerAddress = KEYS } = {}) {
  const config = LeaseConfig.parse({ keysPerEpoch: KEYS, keysPerPeer: KEYS, keysPerAddress })
  const quota = keyQuota(config, async () => earlier)
  /** How many keys an address gets until it is refused. */
  async function drain(address: string): Promise<number> {
    const asker = askerAt('peer', multiaddr(address))
    for (let had = 0; ; had++) {
      const refused = await quota.take(1n, asker).then(
        () => false,
        () => true,
      )
      if (refused) return had
    }
  }
  return { ...quota, drain }
}

describe('the keys of an epoch', () => {
  it('are not used up by sixteen networks: who comes later finds room', async () => {
    const { drain } = newQuota()
    const had: number[] = []
    for (let network = 0; network < 64; network++) had.push(await drain(`/ip4/10.0.${network}.1`))
    expect(had[0]).toBeLessThanOrEqual(KEYS / 16)
    expect(had.slice(0, 16).reduce((sum, one) => sum + one, 0)).toBeLessThan((KEYS * 2) / 3)
    expect(had.every((one) => one > 0)).toBe(true)
    expect(await drain('/ip4/10.0.0.99')).toBe(0)
  })

  it('are counted by the /32 of IPv6, too: it is as good as four networks', async () => {
    const { drain } = newQuota()
    const networks = Array.from({ length: 64 }, (_, at) => `/ip6/2001:db8:${(at + 1).toString(16)}::1`)
    let had = 0
    for (const address of networks) had += await drain(address)
    expect(had).toBeGreaterThan(KEYS / 16)
    expect(had).toBeLessThanOrEqual(KEYS / 4)
    expect(await drain('/ip6/2001:db9:1::1')).toBeGreaterThan(0)
    expect(await drain('/ip4/10.0.0.1')).toBeGreaterThan(0)
  })

  it('are what the configuration says where that is less', async () => {
    expect(await newQuota({ keysPerAddress: 3 }).drain('/ip4/10.0.0.1')).toBe(3)
  })

  it('end, those of earlier starts included; what was given back is there again', async () => {
    const { take, drain } = newQuota({ earlier: KEYS - 1 })
    const back = await take(1n, askerAt('peer', multiaddr('/ip4/10.0.0.1')))
    expect(await drain('/ip4/10.0.1.1')).toBe(0)
    back()
    expect(await drain('/ip4/10.0.1.1')).toBe(1)
  })
})
