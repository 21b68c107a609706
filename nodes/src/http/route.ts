import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { invalid } from './errors.ts'

/**
 * Who may ask: anybody (`open`); on loopback anybody, unless configured otherwise, and elsewhere who has the token
 * (`guarded`); always who has the token (`admin`).
 */
export type Access = 'open' | 'guarded' | 'admin'

/** An answer: text goes out as it is, everything else as JSON. */
export interface Reply {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What a status is answered with: JSON of a schema, or text without one. */
export interface Answer {
  readonly description: string
  readonly schema?: z.ZodType
  /** Media type of text that is not plain. */
  readonly type?: string
}

type Shape = z.ZodObject<Record<string, z.ZodType<unknown, string | undefined>>>

/** What all routes say of themselves; the OpenAPI document is made of it. */
export interface RouteFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With parameters in braces, as OpenAPI has them. */
  readonly path: string
  readonly id: string
  readonly tag: 'health' | 'info' | 'relay' | 'store' | 'lightpush' | 'admin' | 'page'
  readonly summary: string
  readonly access: Access
  /** By status. Failures that any route may answer with need not be named. */
  readonly answers: Readonly<Record<number, Answer>>
}

interface Parts<P, Q, B> {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
}

type Read<T> = T extends z.ZodType ? z.output<T> : undefined

/** A route that is ready to be served and described. */
export interface Route extends RouteFacts, Parts<Shape, Shape, z.ZodType> {
  answer(request: FastifyRequest): Reply | Promise<Reply>
}

/** Joins schemas to the handler that is given what they read. */
export function route<
  P extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  facts: RouteFacts & Parts<P, Q, B>,
  handle: (given: {
    readonly params: Read<P>
    readonly query: Read<Q>
    readonly body: Read<B>
    readonly requestId: string
  }) => Reply | Promise<Reply>,
): Route {
  const { params, query, body } = facts
  return {
    ...(facts as RouteFacts & Parts<Shape, Shape, z.ZodType>),
    answer: (request) =>
      handle({
        params: read(params, 'path', request.params) as Read<P>,
        query: read(query, 'query', request.query) as Read<Q>,
        body: read(body, 'body', request.body) as Read<B>,
        requestId: request.id,
      }),
  }
}

export function ok(body: unknown = 'OK', headers?: Reply['headers']): Reply {
  return { status: 200, body, headers }
}

/** Throws AnswerError BAD_REQUEST that names the field. */
function read(schema: z.ZodType | undefined, where: string, given: unknown): unknown {
  if (schema === undefined) return undefined
  const result = schema.safeParse(given)
  if (!result.success) throw invalid(where, result.error)
  return result.data
}

/** The path of a route as the documents have it, of the framework's own. */
export const inBraces = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}')

/** Serves the routes. */
export function addRoutes(server: FastifyInstance, routes: readonly Route[]): void {
  for (const { method, path, access, answer } of routes) {
    server.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { access },
      async handler(request, reply) {
        const { status, body, headers = {} } = await answer(request)
        return reply.code(status).headers(headers).send(body)
      },
    })
  }
}
