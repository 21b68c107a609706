import { expect, it } from 'vitest'
import { httpCounter } from './use.ts'
import { testApi } from './testing/test-api.ts'

it('counts answers by route, and gives strangers no label of their own', async () => {
  const counter = httpCounter()
  const api = await testApi({ counter })
  await api.get('/health')
  await api.get('/relay/v1/messages/%2Fwaku%2F2%2Frs%2F1984%2F1')
  await api.get('/no/such/path')
  expect(counter.read().answers).toMatchObject({
    'GET /health 200': 1,
    'GET /relay/v1/messages/{pubsubTopic} 404': 1,
    'GET none 404': 1,
  })
  expect(counter.read().seconds.count).toBeGreaterThanOrEqual(3)
  counter.answered('BREW', undefined, 400, 0)
  expect(counter.read().answers['other none 400']).toBe(1)
  await api.stop()
})

it('serves the metrics as Prometheus asks for them', async () => {
  const api = await testApi()
  const { status, headers } = await api.get('/metrics')
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  await api.stop()
})

it('asks for the token where the API does', async () => {
  const api = await testApi({ trusted: false })
  expect((await api.get('/metrics')).status).toBe(401)
  expect((await api.get('/metrics', api.admin)).status).toBe(200)
  await api.stop()
})
