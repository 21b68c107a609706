import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allRoutes } from './api.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

let api: TestApi
let operations: { path: string; method: string }[]

beforeAll(async () => {
  api = await testApi()
  operations = Object.entries(api.document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
  )
})
afterAll(() => api.stop())

const url = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1')

it('has every path of the document as a route', () => {
  for (const { path, method } of operations)
    expect(api.server.hasRoute({ url: url(path), method }), `${method} ${path}`).toBe(true)
})

it('has every route in the document', () => {
  // The server's own list, in which each line is a node of its tree and carries the methods of the route there.
  const methods = [...api.server.printRoutes({ commonPrefix: false }).matchAll(/\(([A-Z, ]+)\)/g)]
    .flatMap(([, listed = '']) => listed.split(', '))
    .sort()
  expect(methods).toEqual(operations.map(({ method }) => method).sort())
  expect(operations).toHaveLength(allRoutes(api.deps).length + 1)
})

it('names each operation once, and each parameter of its path', () => {
  const ids = Object.values(api.document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
  for (const [path, methods] of Object.entries(api.document.paths)) {
    for (const { parameters = [] } of Object.values(methods)) {
      const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    }
  }
})

it('has schemas that a validator of JSON Schema 2020-12 takes, and no reference into nowhere', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', components: api.document.components })
  for (const name of Object.keys(api.document.components.schemas))
    expect(ajv.getSchema(`api#/components/schemas/${name}`), name).toBeTypeOf('function')
  const references = [...JSON.stringify(api.document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, target]) => target,
  )
  for (const target of references)
    expect(Object.keys(api.document.components.schemas)).toContain(
      target!.replace('#/components/schemas/', ''),
    )
})

it('says of each operation that can fail with what, and which need the token', () => {
  for (const [path, methods] of Object.entries(api.document.paths)) {
    for (const operation of Object.values(methods)) {
      expect(operation.responses).toMatchObject({ '4XX': expect.anything(), '5XX': expect.anything() })
      const { security } = operation as { security?: object[] }
      if (path.startsWith('/admin/')) expect(security).toEqual([{ token: [] }])
      else if (/^\/(health|status|$)/.test(path)) expect(security).toBeUndefined()
      else expect(security).toEqual([{}, { token: [] }])
    }
  }
})
