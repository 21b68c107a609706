import { afterEach, describe, expect, it } from 'vitest'
import type { ApiConfig } from './config.ts'
import { rateLimit } from '../rate-limit.ts'
import { testApi, TOKEN, type TestApi } from './testing/test-api.ts'

const apis: TestApi[] = []
afterEach(() => Promise.all(apis.splice(0).map((api) => api.stop())))

async function open(config: Partial<ApiConfig> = {}, trusted = true): Promise<TestApi> {
  const api = await testApi({ config, trusted })
  apis.push(api)
  return api
}

const PAGE = 'https://console.example'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('the Host header', () => {
  it.each([
    { host: '127.0.0.1:8645', status: 200 },
    { host: '127.0.0.1', status: 200 },
    { host: '[::1]:8645', status: 200 },
    { host: '192.0.2.7:1', status: 200 },
    { host: 'localhost:8645', status: 200 },
    { host: 'LocalHost', status: 200 },
    { host: 'node.example', status: 200 },
    { host: 'rebound.example', status: 403 },
    { host: 'localhost.rebound.example', status: 403 },
    { host: '127.0.0.1.rebound.example:80', status: 403 },
    { host: 'localhost:80@rebound.example', status: 403 },
    { host: ':80', status: 403 },
  ])('$host is answered $status', async ({ host, status }) => {
    const api = await open({ allowHosts: ['node.example'] })
    for (const path of ['/info', '/health', '/nowhere']) {
      const answer = await api.get(path, { host })
      expect(answer.status).toBe(status === 200 && path === '/nowhere' ? 404 : status)
      if (status === 403) expect(answer.body).toMatchObject({ code: 'HOST_REFUSED' })
    }
  })
})

describe('a web page', () => {
  it.each([
    { given: 'with an origin', headers: { origin: PAGE } },
    { given: 'without one that it tells', headers: { origin: 'null' } },
    { given: 'whose browser marks the request', headers: { 'sec-fetch-site': 'cross-site' } },
    { given: 'on another port of this machine', headers: { 'sec-fetch-site': 'same-site' } },
  ])('$given is refused, and changes nothing', async ({ headers }) => {
    const api = await open()
    const asked = await api.post('/relay/v1/auto/subscriptions', ['/a/1/b/proto'], headers)
    expect(asked).toMatchObject({ status: 403, body: { code: 'ORIGIN_REFUSED' } })
    expect(asked.headers).not.toHaveProperty('access-control-allow-origin')
    expect(api.inbox.content.take('/a/1/b/proto')).toBeUndefined()
  })

  it('that is allowed may ask, and read', async () => {
    const api = await open({ allowOrigins: [PAGE] })
    const headers = { origin: PAGE, 'sec-fetch-site': 'cross-site' }
    const asked = await api.get('/info', headers)
    expect(asked).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': PAGE, vary: 'origin' },
    })
    const before = { ...headers, 'access-control-request-method': 'POST' }
    expect(
      await api.ask({ method: 'OPTIONS', url: '/relay/v1/auto/messages', headers: before }),
    ).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-headers': 'authorization, content-type' },
    })
  })

  it('that is allowed does not let others in, nor without the token where it is needed', async () => {
    const api = await open({ allowOrigins: [PAGE] })
    expect((await api.get('/info', { origin: `${PAGE}.example` })).status).toBe(403)
    expect((await api.get('/admin/v1/peers', { origin: PAGE })).status).toBe(401)
  })

  it("of the node's own address may ask, and one of another port, scheme or name that looks like it may not", async () => {
    const api = await open({ allowHosts: ['node.example'] })
    const ask = async (origin: string, host: string) => (await api.get('/info', { origin, host })).status
    expect(await ask('http://127.0.0.1:8645', '127.0.0.1:8645')).toBe(200)
    expect(await ask('https://node.example', 'node.example')).toBe(200)
    expect(await ask('http://127.0.0.1:8646', '127.0.0.1:8645')).toBe(403)
    expect(await ask('http://localhost:8645', '127.0.0.1:8645')).toBe(403)
    expect(await ask('ftp://127.0.0.1:8645', '127.0.0.1:8645')).toBe(403)
    expect(await ask('http://rebound.example', 'rebound.example')).toBe(403)
    expect(
      (
        await api.get('/info', {
          origin: 'http://127.0.0.1',
          host: '127.0.0.1',
          'sec-fetch-site': 'cross-site',
        })
      ).status,
    ).toBe(403)
  })

  it('typed into the address bar is answered', async () => {
    expect((await (await open()).get('/info', { 'sec-fetch-site': 'none' })).status).toBe(200)
  })
})

describe('the token', () => {
  it.each([
    { given: 'none', headers: {} },
    { given: 'a wrong one', headers: bearer('x'.repeat(TOKEN.length)) },
    { given: 'a part of it', headers: bearer(TOKEN.slice(1)) },
    { given: 'more than it', headers: bearer(`${TOKEN}t`) },
    { given: 'another scheme', headers: { authorization: `Basic ${TOKEN}` } },
    { given: 'an empty one', headers: { authorization: 'Bearer ' } },
  ])('is asked for by every admin route: $given is answered 401', async ({ headers }) => {
    const api = await open()
    for (const [path, methods] of Object.entries(api.document.paths)) {
      if (!path.startsWith('/admin/')) continue
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{\w+\}/g, 'x')
        const answer = await api.ask({ method: method.toUpperCase(), url, headers })
        expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
        expect(answer.headers['www-authenticate']).toBe('Bearer')
      }
    }
  })

  it('is asked for by all routes but health and the empty page when others can reach the API', async () => {
    const api = await open({}, false)
    for (const [path, methods] of Object.entries(api.document.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{\w+\}/g, 'x')
        const { status } = await api.ask({ method: method.toUpperCase(), url })
        const isOpen = /^\/(health|status|$)/.test(path)
        expect(status, `${method} ${path}`).toBe(isOpen ? 200 : 401)
      }
    }
    expect((await api.get('/info', bearer(TOKEN))).status).toBe(200)
  })
})

describe('the rate', () => {
  it('is limited by address, told by 429', async () => {
    const api = await open({ requestsPerSecond: 0.001, requestsBurst: 3 })
    const from = async (remoteAddress: string) => (await api.ask({ url: '/health', remoteAddress })).status
    // The document was the first.
    expect([await from('127.0.0.1'), await from('127.0.0.1'), await from('127.0.0.1')]).toEqual([
      200, 200, 429,
    ])
    expect(await from('127.0.0.2')).toBe(200)
  })

  it('is filled up again, up to the burst', () => {
    let now = 0
    const limit = rateLimit(2, 3, () => now)
    const take = (times: number) => Array.from({ length: times }, () => limit.take('a'))
    expect(take(4)).toEqual([true, true, true, false])
    now = 500
    expect(take(2)).toEqual([true, false])
    now = 1_000_000
    expect(take(4)).toEqual([true, true, true, false])
  })
})
