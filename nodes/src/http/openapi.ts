import { z } from 'zod'
import type { Route } from './route.ts'

/** A JSON object. */
type Tree = { [key: string]: unknown }

/** What every failure is answered with. */
export const FailureOut = z
  .strictObject({
    code: z.string().describe('For programs'),
    message: z.string().describe('For people: what is wrong'),
    statusDesc: z
      .string()
      .optional()
      .describe('Of light push: the message again, under the name that Waku gives it'),
  })
  .meta({ id: 'Failure' })

const OWN_DESCRIPTION = `The HTTP API of a Teahouse node. Paths and shapes are those of the Waku REST API where it has them.
Timestamps are integers of nanoseconds, beyond 2^53: parse them without rounding.`

/** The OpenAPI 3.1 document of the routes, made of the schemas that they read and answer with. */
export function openApi(routes: readonly Route[], version: string): Tree {
  const components: Tree = {}
  const paths: { [path: string]: Tree } = {}
  for (const each of routes) {
    const operations = (paths[each.path] ??= {})
    operations[each.method.toLowerCase()] = operation(each, (schema, io) =>
      jsonSchema(schema, io, components),
    )
  }
  // Named by every operation, and by none of the schemas.
  jsonSchema(z.strictObject({ failure: FailureOut }), 'output', components)
  return {
    openapi: '3.1.0',
    info: { title: 'Teahouse node', version, description: OWN_DESCRIPTION },
    paths,
    components: { schemas: components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}

type ToJsonSchema = (schema: z.ZodType, io: 'input' | 'output') => Tree

function operation(given: Route, schemaOf: ToJsonSchema): Tree {
  const { id, tag, summary, access, params, query, body } = given
  const parameters = [
    ...Object.entries(params?.shape ?? {}).map(([name, schema]) => parameter('path', name, schema, schemaOf)),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => parameter('query', name, schema, schemaOf)),
  ]
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(access === 'open' ? {} : { security: access === 'admin' ? [{ token: [] }] : [{}, { token: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body ? { requestBody: { required: true, content: json(schemaOf(body, 'input')) } } : {}),
    responses: responses(given, schemaOf),
  }
}

function parameter(where: 'path' | 'query', name: string, schema: z.ZodType, schemaOf: ToJsonSchema): Tree {
  const required = where === 'path' || !schema.safeParse(undefined).success
  return { name, in: where, required, schema: schemaOf(schema, 'input') }
}

function responses({ answers }: Route, schemaOf: ToJsonSchema): Tree {
  const failure = json({ $ref: '#/components/schemas/Failure' })
  const named = Object.entries(answers).map(([status, { description, schema, type }]): [string, Tree] => {
    if (schema) return [status, { description, content: json(schemaOf(schema, 'output')) }]
    const content =
      Number(status) < 400 ? { [type ?? 'text/plain']: { schema: { type: 'string' } } } : failure
    return [status, { description, content }]
  })
  return {
    ...Object.fromEntries(named),
    '4XX': { description: 'The request is refused.', content: failure },
    '5XX': { description: 'The node can not do it now.', content: failure },
  }
}

const json = (schema: Tree): Tree => ({ 'application/json': { schema } })

/** The JSON schema; schemas with a name go to the components, and are referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Tree): Tree {
  const { $defs = {}, properties } = z.toJSONSchema(z.strictObject({ it: schema }), {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema: made }) {
      if (zodSchema._zod.def.type === 'bigint') Object.assign(made, { type: 'integer', format: 'int64' })
    },
  })
  for (const [name, named] of Object.entries($defs)) components[name] = moved(named)
  return moved(properties?.['it']) as Tree
}

/** References into `$defs` become references into the components. */
function moved(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(moved)
  if (typeof tree !== 'object' || tree === null) return tree
  const entries = Object.entries(tree).filter(([key, value]) => !(key === 'id' && typeof value === 'string'))
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : moved(value),
    ]),
  )
}
