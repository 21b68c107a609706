import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Base64, Hash, NanosecondsIn, NanosecondsQuery, PubsubTopic } from './fields.ts'
import { parseJson, toJson } from './json.ts'
import { MessageIn, readMessage, showMessage } from './messages.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

/** A deep run tries more. */
const RUNS = process.env['TEAHOUSE_DEEP'] === '1' ? 20_000 : 200
const TIMEOUT_MS = 600_000
/** A search for a smaller input ends with its test: nothing answers after that. */
const LIMITS = { numRuns: RUNS, interruptAfterTimeLimit: TIMEOUT_MS - 10_000, markInterruptAsFailure: true }

let api: TestApi
beforeAll(async () => {
  api = await testApi({ config: { requestsPerSecond: 1e9, requestsBurst: 1e9 } })
})
afterAll(() => api.stop())

/** Every answer is one of the document, which `ask` checks; none is a fault of the node. */
const STATUSES = [200, 400, 404, 413, 414, 415, 420, 421, 505]

/** Text of which a part is what the API looks for. */
const words = fc.constantFrom(
  ...[
    '/waku/2/rs/1984/3',
    '/a/1/b/proto',
    '0x',
    'ab'.repeat(32),
    'true',
    'false',
    '1',
    '0',
    '-1',
    ',',
    '%',
    '%00',
  ],
  ...[
    'dGVh',
    '=',
    '1763000000000000001',
    '9'.repeat(19),
    '9'.repeat(30),
    'payload',
    'contentTopic',
    '__proto__',
  ],
)
const text = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 5 })
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: words },
)

const operations = () =>
  Object.entries(api.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase() as 'GET',
      operation,
    })),
  )

describe('whatever comes', { timeout: TIMEOUT_MS }, () => {
  it('as parameters of any route is answered as the document says', async () => {
    // A host that is not started reaches nobody, whatever addresses come.
    const all = operations()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(all.length - 1),
        fc.array(text, { minLength: 12, maxLength: 12 }),
        async (at, texts) => {
          const { path, method, operation } = all[at]!
          const url = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(toWellFormed(texts.pop()!)) || 'x')
          const fields = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
          const query = fields.map(({ name }) => `${name}=${encodeURIComponent(toWellFormed(texts.pop()!))}`)
          const { status } = await api.ask({ method, url: `${url}?${query.join('&')}`, headers: api.admin })
          expect(STATUSES).toContain(status)
        },
      ),
      LIMITS,
    )
  })

  it('as a path and a query string, raw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', '/relay/v1/messages/', '/store/v3/messages?', '/admin/v1/peer/'),
        text,
        async (start, rest) => {
          const { statusCode } = await api.server.inject({
            url: `/${start.slice(1)}${rest}`,
            headers: api.admin,
          })
          expect([...STATUSES]).toContain(statusCode)
        },
      ),
      LIMITS,
    )
  })

  it('as a body of any route', async () => {
    const withBody = operations().filter(({ operation }) => operation.requestBody)
    const bodies = fc.oneof(
      text,
      fc.json({ maxDepth: 3 }),
      fc.array(text).map((list) => JSON.stringify(list)),
      fc
        .record(
          {
            payload: text,
            contentTopic: text,
            timestamp: fc.oneof(text, fc.double(), fc.bigInt().map(String)),
            meta: text,
            proof: text,
          },
          { requiredKeys: ['payload', 'contentTopic'] },
        )
        .map((message) => JSON.stringify(message)),
      fc.record({ pubsubTopic: text, message: fc.object() }).map((body) => JSON.stringify(body)),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(withBody.length - 1), bodies, async (at, payload) => {
        const { path, method } = withBody[at]!
        const url = path.replaceAll(/\{\w+\}/g, encodeURIComponent('/waku/2/rs/1984/3'))
        const headers = { ...api.admin, 'content-type': 'application/json' }
        const { status } = await api.ask({ method, url, headers, payload })
        expect(STATUSES).toContain(status)
      }),
      LIMITS,
    )
  })

  it.each(['[', '{"a":', '[{"a":'])('as JSON nested deeply with %s', async (open) => {
    const { status } = await api.post('/relay/v1/auto/messages', open.repeat(200_000 / open.length))
    expect(status).toBe(400)
  })
})

describe('what is read', () => {
  it('of JSON is what JSON.parse reads, integers exactly', () => {
    fc.assert(
      fc.property(fc.json(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (json, integer) => {
        if (!json.includes('__proto__'))
          expect(toJson(parseJson(json))).toBe(JSON.stringify(JSON.parse(json)))
        expect(toJson(parseJson(`[${integer}]`))).toBe(`[${integer}]`)
      }),
    )
  })

  it('of a message is what is shown of it', () => {
    const bytes = (maxLength: number) =>
      fc.uint8Array({ maxLength }).map((data) => Buffer.from(data).toString('base64'))
    const messages = fc.record({
      payload: bytes(100),
      contentTopic: fc.string({ minLength: 1 }),
      version: fc.nat(),
      timestamp: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      ephemeral: fc.boolean(),
    })
    fc.assert(
      fc.property(messages, bytes(64), (message, meta) => {
        const whole = { ...message, ...(meta === '' ? {} : { meta }) }
        expect(showMessage(readMessage(MessageIn.parse(parseJson(toJson(whole)))))).toEqual(whole)
      }),
    )
  })

  it('of base64 is what was written, padded or not, and nothing else is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.string(), (data, any) => {
        const written = Buffer.from(data).toString('base64')
        expect(Base64.parse(written)).toEqual(data)
        expect(Base64.parse(written.replaceAll('=', ''))).toEqual(data)
        const read = Base64.safeParse(any)
        if (read.success) expect(any.replaceAll('=', '')).toHaveLength(Math.ceil((read.data.length * 4) / 3))
      }),
    )
  })

  it.each([Base64, Hash, NanosecondsIn, NanosecondsQuery, PubsubTopic])('never throws', (schema) => {
    fc.assert(fc.property(fc.oneof(text, fc.anything()), (given) => void schema.safeParse(given)))
  })
})

function toWellFormed(given: string): string {
  return given.toWellFormed()
}
