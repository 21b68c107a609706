import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createApi } from './api.ts'
import { ApiConfig } from './config.ts'
import { INFO, testDeps, TOKEN, type TestApiOptions } from './testing/test-api.ts'

const ends: (() => Promise<void>)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

async function start(change: Partial<ApiConfig> = {}, options: TestApiOptions = {}) {
  const config = ApiConfig.parse(change)
  const { deps, release } = await testDeps(config, options)
  const api = createApi(config, deps)
  ends.push(() => api.stop().then(release))
  await api.start()
  return { api, dataDir: deps.dataDir }
}

const status = async (url: string, token?: string) =>
  (await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status

describe('createApi', () => {
  it('makes a token that only its owner can read, and keeps it', async () => {
    const { api, dataDir } = await start()
    const path = join(dataDir, 'api.token')
    const token = (await readFile(path, 'utf8')).trim()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(await status(`${api.url}/admin/v1/peers`, token)).toBe(200)

    const again = await start({ tokenFile: path })
    expect(await status(`${again.api.url}/admin/v1/peers`, token)).toBe(200)
  })

  it('takes the token of the configuration', async () => {
    const { api } = await start({ token: TOKEN })
    expect(await status(`${api.url}/admin/v1/peers`, TOKEN)).toBe(200)
    expect(await status(`${api.url}/admin/v1/peers`)).toBe(401)
  })

  it.each([
    { given: 'elsewhere', change: { host: '0.0.0.0' } },
    { given: 'on loopback, where it is told to', change: { tokenForAll: true } },
  ])('asks for the token on every route but health $given', async ({ change }) => {
    const { api } = await start({ ...change, token: TOKEN })
    const url = `http://127.0.0.1:${new URL(api.url).port}`
    for (const path of ['/info', '/openapi.json', '/store/v3/messages']) {
      expect(await status(`${url}${path}`)).toBe(401)
      expect(await status(`${url}${path}`, TOKEN)).toBe(200)
    }
    expect(await status(`${url}/health/ready`)).toBe(200)
  })

  it('lets an answer under way be taken when it stops, takes nothing new, and waits for no idle connection', async () => {
    const slow = Promise.withResolvers<typeof INFO>()
    const asked = Promise.withResolvers<void>()
    const { api } = await start({}, { info: () => (asked.resolve(), slow.promise) })
    const answer = fetch(`${api.url}/info`)
    await asked.promise
    const stopped = api.stop()
    await expect(fetch(`${api.url}/health`)).rejects.toThrow('fetch failed')
    slow.resolve(INFO)
    expect((await answer).status).toBe(200)
    const answered = performance.now()
    await stopped
    expect(performance.now() - answered).toBeLessThan(2_000)
  })

  it('cuts an answer that takes longer to come than a stop may take', async () => {
    const { api } = await start({ stopTimeoutMs: 50 }, { info: () => new Promise(() => undefined) })
    const answer = fetch(`${api.url}/info`)
    answer.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await api.stop()
    await expect(answer).rejects.toThrow('fetch failed')
  })
})

describe('when it must refuse', () => {
  it('to listen elsewhere without a token, it says what to do', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({
      detail: { code: 'TOKEN_NEEDED', host: '0.0.0.0' },
      message: expect.stringContaining('api.tokenFile'),
    })
  })

  it('a port that is taken, it says which', async () => {
    const port = Number(new URL((await start()).api.url).port)
    await expect(start({ port })).rejects.toMatchObject({ detail: { code: 'PORT_TAKEN', port } })
  })

  it('a host that is none of its own, it says so', async () => {
    await expect(start({ host: '192.0.2.1', token: TOKEN })).rejects.toMatchObject({
      detail: { code: 'ADDRESS_UNUSABLE' },
    })
  })

  it.each([
    { given: 'that others may read', text: TOKEN, mode: 0o644, code: 'TOKEN_OPEN_TO_OTHERS' },
    { given: 'that is too short', text: 'short', mode: 0o600, code: 'TOKEN_UNUSABLE' },
    { given: 'that is empty', text: '', mode: 0o600, code: 'TOKEN_UNUSABLE' },
  ])('a token file $given, it says so and changes nothing', async ({ text, mode, code }) => {
    const tokenFile = join(await mkdtemp(join(tmpdir(), 'teahouse-token-')), 'token')
    await writeFile(tokenFile, text, { mode })
    await expect(start({ tokenFile })).rejects.toMatchObject({ detail: { code, path: tokenFile } })
    expect(await readFile(tokenFile, 'utf8')).toBe(text)
  })

  it('a reader that does not read, it cuts the connection', async () => {
    const peers = Array.from({ length: 400_000 }, () => 'a peer that is very long indeed')
    const { api } = await start({ answerTimeoutMs: 300 }, { info: async () => ({ ...INFO, peers }) })
    const { port } = new URL(api.url)
    const closed = new Promise<number>((resolve) => {
      const asked = request({ host: '127.0.0.1', port, path: '/info' }, (answer) => {
        const at = performance.now()
        answer.once('aborted', () => resolve(performance.now() - at))
        answer.on('error', () => undefined)
        // Nothing is read until the node has had enough.
        setTimeout(() => answer.resume(), 1_500)
      })
      asked.on('error', () => undefined)
      asked.end()
    })
    expect(await closed).toBeLessThan(10_000)
  })

  it.each([
    { given: 'no HTTP', text: 'hello\r\n\r\n', answer: '400 Bad Request' },
    { given: 'a request without a host', text: 'GET /info HTTP/1.1\r\n\r\n', answer: '400 Bad Request' },
    { given: 'headers without end', text: `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, answer: '431 ' },
    { given: 'a request that does not end', text: 'GET /info HTTP/1.1\r\nHost: 127', answer: '408 ' },
  ])('$given, it answers $answer and closes', async ({ text, answer }) => {
    const { api } = await start({ requestTimeoutMs: 200 })
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    socket.write(text)
    let reply = ''
    for await (const chunk of socket) reply += String(chunk)
    expect(reply).toContain(`HTTP/1.1 ${answer}`)
  })

  it('more connections than it may have, it drops them', async () => {
    const { api } = await start({ maxConnections: 1 })
    const { port } = new URL(api.url)
    const first = connect(Number(port), '127.0.0.1')
    await new Promise((resolve) => first.once('connect', resolve))
    await expect(fetch(`${api.url}/health`)).rejects.toThrow('fetch failed')
    first.destroy()
  })
})
