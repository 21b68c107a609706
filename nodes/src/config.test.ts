import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changedBeside, ConfigError, loadConfig, parseConfig, redact } from './config.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`
const SMALLEST = {
  dataDir: 'data',
  keyFile: 'node.key',
  clusterId: 1984,
  chainId: 31337,
  rpcUrls: ['http://user:password@127.0.0.1:8545/secret-path'],
  contracts: {
    Token: address('1'),
    MembershipRegistry: address('2'),
    OperatorStaking: address('3'),
    ServiceRegistry: address('4'),
    PaymentChannels: address('5'),
    Escrow: address('6'),
    RedEnvelope: address('7'),
    RetrievalCourt: address('8'),
    ArchiveCourt: address('9'),
  },
}

async function fileOf(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-config-'))
  const path = join(folder, 'config.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('loadConfig', () => {
  it('fills in the defaults of every module', () => {
    const config = parseConfig(SMALLEST)
    expect(config).toMatchObject({ shards: 8, operatorId: 0, api: { host: '127.0.0.1', port: 0 } })
    expect(config.payments).toMatchObject({ prices: {}, minimumSettlement: 1n })
  })

  it('takes flags before the environment, the environment before the file', async () => {
    const path = await fileOf({
      ...SMALLEST,
      api: { port: 1 },
      chain: { pollMs: 111 },
      log: { level: 'warn' },
    })
    const env = {
      TEAHOUSE_API__PORT: '2',
      TEAHOUSE_LOG__LEVEL: 'debug',
      TEAHOUSE_SOMETHING_ELSE: 'x',
      PATH: '/',
    }
    const config = await loadConfig(path, env, { api: { port: 3, host: undefined } })
    expect(config.api).toMatchObject({ host: '127.0.0.1', port: 3 })
    expect(config).toMatchObject({ chain: { pollMs: 111 }, log: { level: 'debug' } })
  })

  it('reads lists from the environment as JSON or separated by commas', async () => {
    const path = await fileOf(SMALLEST)
    const urls = ['http://a.test', 'http://b.test']
    for (const text of [urls.join(', '), JSON.stringify(urls)]) {
      expect((await loadConfig(path, { TEAHOUSE_RPC_URLS: text })).rpcUrls).toEqual(urls)
    }
  })

  it('reads the API’s lists and token from the environment', async () => {
    const token = 'secret'.repeat(8)
    const env = {
      TEAHOUSE_API__ALLOW_ORIGINS: 'https://a.example/, https://b.example:81',
      TEAHOUSE_API__ALLOW_HOSTS: 'Node.example',
      TEAHOUSE_API__TOKEN: token,
    }
    expect((await loadConfig(await fileOf(SMALLEST), env)).api).toMatchObject({
      allowOrigins: ['https://a.example', 'https://b.example:81'],
      allowHosts: ['node.example'],
      token,
    })
  })

  it('takes relative paths from the folder of the file', async () => {
    const path = await fileOf({
      ...SMALLEST,
      rln: { identityFile: '../identity.json' },
      api: { tokenFile: 'token' },
      net: { tls: { certFile: 'cert.pem', keyFile: '../key.pem' } },
    })
    const config = await loadConfig(path)
    const folder = join(path, '..')
    expect(config.net.tls).toMatchObject({
      certFile: join(folder, 'cert.pem'),
      keyFile: join(folder, '../key.pem'),
    })
    expect(config.api.tokenFile).toBe(join(folder, 'token'))
    expect(config.dataDir).toBe(join(folder, 'data'))
    expect(config.rln.identityFile).toBe(join(folder, '../identity.json'))
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'an unknown setting', change: { colour: 'red' }, path: '(whole)' },
    { given: 'an unknown setting of a module', change: { api: { colour: 'red' } }, path: 'api' },
    { given: 'a port that is none', change: { api: { port: 70_000 } }, path: 'api.port' },
    { given: 'a token that is easily guessed', change: { api: { token: 'tea' } }, path: 'api.token' },
    { given: 'an origin that is none', change: { api: { allowOrigins: ['*'] } }, path: 'api.allowOrigins.0' },
    { given: 'no RPC address', change: { rpcUrls: [] }, path: 'rpcUrls' },
    {
      given: 'an RPC address of another protocol',
      change: { rpcUrls: ['file:///etc/passwd'] },
      path: 'rpcUrls.0',
    },
    {
      given: 'an RPC endpoint that is named twice',
      change: { rpcUrls: ['http://a.test/key', 'http://b.test', 'http://user:word@A.test:80/key/'] },
      path: 'rpcUrls.2',
    },
    {
      given: 'a quorum of more endpoints than there are',
      change: { rpcUrls: ['http://a.test', 'http://b.test'], chain: { quorum: 3 } },
      path: 'chain.quorum',
    },
    { given: 'a quorum of none', change: { chain: { quorum: 0 } }, path: 'chain.quorum' },
    {
      given: 'a contract that is no address',
      change: { contracts: { ...SMALLEST.contracts, Token: '0x1' } },
      path: 'contracts.Token',
    },
    {
      given: 'a negative price',
      change: { payments: { prices: { 'store-query': '-1' } } },
      path: 'payments.prices.store-query',
    },
  ])('$given is named by its path', ({ change, path }) => {
    expect(() => parseConfig({ ...SMALLEST, ...change })).toThrow(ConfigError)
    try {
      parseConfig({ ...SMALLEST, ...change })
    } catch (err) {
      const { detail } = err as ConfigError
      expect(detail.code === 'CONFIG_INVALID' && detail.issues.map((issue) => issue.path)).toContain(path)
    }
  })

  it('problems with RPC endpoints say what to do, without paths and credentials', () => {
    const url = SMALLEST.rpcUrls[0]!
    const parse = () => parseConfig({ ...SMALLEST, rpcUrls: [url, url], chain: { quorum: 5 } })
    expect(parse).toThrow(/remove one of them[^]*lower it, or leave it out/)
    expect(parse).not.toThrow(/password|secret-path/)
  })

  it.each([
    { given: 'a file that is no JSON', content: '{' },
    { given: 'a file that holds a list', content: '[]' },
  ])('$given is CONFIG_UNREADABLE', async ({ content }) => {
    const path = await fileOf(content)
    await expect(loadConfig(path)).rejects.toMatchObject({ detail: { code: 'CONFIG_UNREADABLE', path } })
  })

  it('a missing file is CONFIG_UNREADABLE', async () => {
    await expect(loadConfig('/nowhere/config.json')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' })
  })
})

describe('relayShards', () => {
  it.each([[[]], [[8]], [[1, 1]], [[-1]]])('%j of 8 is CONFIG_INVALID', (relayShards) => {
    expect(() => parseConfig({ ...SMALLEST, relayShards })).toThrow(/relayShards/)
  })

  it('may be read from the environment', async () => {
    const config = await loadConfig(await fileOf(SMALLEST), { TEAHOUSE_RELAY_SHARDS: '[0,7]' })
    expect(config.relayShards).toEqual([0, 7])
  })
})

describe('changedBeside', () => {
  it('names what a running node does not take over', () => {
    const before = parseConfig(SMALLEST)
    const after = parseConfig({ ...SMALLEST, profile: 'edge', budgets: { upload: null }, shards: 4 })
    expect(changedBeside(before, after)).toEqual(['shards'])
    expect(changedBeside(before, parseConfig(SMALLEST))).toEqual([])
  })
})

describe('redact', () => {
  it('shows of a PostgreSQL address its host alone', () => {
    const database = { engine: 'postgres', url: 'postgres://user:secret@db.example:5432/tea' }
    const shown = JSON.stringify(redact(parseConfig({ ...SMALLEST, store: { database } })))
    expect(shown).toContain('"url":"db.example:5432"')
    expect(shown).not.toContain('secret')
  })

  it('shows no credentials and no paths of RPC addresses, and amounts as text', () => {
    const shown = redact(parseConfig({ ...SMALLEST, payments: { prices: { 'store-query': '12' } } }))
    expect(JSON.stringify(shown)).not.toMatch(/password|secret-path/)
    expect(shown).toMatchObject({
      rpcUrls: ['127.0.0.1:8545'],
      payments: { prices: { 'store-query': '12' } },
    })
  })

  it('shows that there is a token, and not which', () => {
    const token = 'secret'.repeat(8)
    const shown = redact(parseConfig({ ...SMALLEST, api: { token } }))
    expect(JSON.stringify(shown)).not.toContain('secret')
    expect(shown).toMatchObject({ api: { token: '[set]' } })
    expect(redact(parseConfig(SMALLEST))['api']).not.toHaveProperty('token')
  })
})
