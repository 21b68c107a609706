import { zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@teahouse/nodes'
import { ContractAddresses } from '@teahouse/protocol/chain'
import { configText, withOperatorId, type NewConfig } from './config-text.ts'

const contracts = ContractAddresses.parse(
  Object.fromEntries(Object.keys(ContractAddresses.shape).map((name) => [name, zeroAddress])),
)
const NEW: NewConfig = {
  network: { chainId: 1, contracts, clusterId: 7, shards: 8 },
  rpcUrls: ['https://rpc.example.org'],
  profile: 'store',
  host: 'tea.example.org',
  port: 4_000,
  apiPort: 4_002,
  price: 1_500n,
  free: 3,
  hasMembership: true,
}

async function loaded(text: string) {
  const path = join(await mkdtemp(join(tmpdir(), 'teahouse-config-')), 'config.json')
  await writeFile(path, text)
  return loadConfig(path)
}

describe('the configuration that `node init` writes', () => {
  it('is one that a node runs with', async () => {
    expect(await loaded(configText(NEW))).toMatchObject({
      operatorId: 0,
      clusterId: 7,
      profile: 'store',
      listen: ['/ip4/0.0.0.0/tcp/4000', '/ip4/0.0.0.0/tcp/4001/ws'],
      announce: ['/dns4/tea.example.org/tcp/4000', '/dns4/tea.example.org/tcp/4001/ws'],
      api: { host: '127.0.0.1', port: 4_002 },
      payments: { prices: { 'store-query': 1_500n }, freeQuota: 3 },
      rln: { identityFile: expect.stringMatching(/identity\.json$/) },
    })
  })

  it.each([
    { host: '127.0.0.1', listen: '/ip4/127.0.0.1/tcp/4000', announce: undefined },
    { host: '198.51.100.7', listen: '/ip4/0.0.0.0/tcp/4000', announce: '/ip4/198.51.100.7/tcp/4000' },
    { host: '2001:db8::7', listen: '/ip6/::/tcp/4000', announce: '/ip6/2001:db8::7/tcp/4000' },
  ])('is reached at $host', async ({ host, listen, announce }) => {
    const config = await loaded(configText({ ...NEW, host }))
    expect([config.listen[0], config.announce[0]]).toEqual([listen, announce])
  })

  it('gets the id of its operator, and is otherwise left as it is', async () => {
    const text = configText(NEW).replace('"store"', '"full"')
    const changed = withOperatorId(text, 42)!
    expect((await loaded(changed)).operatorId).toBe(42)
    expect(changed.replace('42', '0')).toBe(text)
    expect(withOperatorId('{}', 42)).toBeUndefined()
  })
})
