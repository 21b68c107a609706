import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { MAX_CONTENT_TOPIC_BYTES } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { gate, type AccessRules, type Gate } from './access.ts'
import type { ApiConfig } from './config.ts'
import { AnswerError, failureOf, type Failure } from './errors.ts'
import { parseJson, toJson } from './json.ts'
import { openApi } from './openapi.ts'
import { rateLimit } from '../rate-limit.ts'
import { addRoutes, inBraces, ok, route, type Access, type Route } from './route.ts'
import { LIGHT_PUSH_PATH } from './routes/lightpush.ts'
import type { HttpCounter } from './use.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

/** Idle time after which a connection that was kept open is closed, in milliseconds. */
const KEEP_ALIVE_MS = 5_000
/** How often requests that do not end are looked for, in milliseconds. */
const CHECK_MS = 2_000

export interface ServerDeps {
  readonly config: ApiConfig
  readonly rules: AccessRules
  readonly routes: readonly Route[]
  readonly version: string
  readonly counter?: Pick<HttpCounter, 'answered'> | undefined
  readonly log: Logger
}

/** The routes behind their gate, and the document of them all at `/openapi.json`. It listens when it is told to. */
export function createServer(deps: ServerDeps): FastifyInstance {
  const { config, rules, routes, version, counter, log } = deps
  const server = Fastify({
    logger: false,
    bodyLimit: config.maxBodyBytes,
    requestTimeout: config.requestTimeoutMs,
    connectionTimeout: config.answerTimeoutMs,
    http: {
      headersTimeout: config.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(config.requestTimeoutMs, CHECK_MS),
    },
    keepAliveTimeout: KEEP_ALIVE_MS,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_CONTENT_TOPIC_BYTES },
    // It would not speak as the others do; the hook below does.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => void answerFailure(reply, error),
    clientErrorHandler: answerRaw,
  })
  server.server.maxConnections = config.maxConnections

  function answerFailure(reply: FastifyReply, error: unknown): FastifyReply {
    const { url: path } = reply.request.routeOptions
    const failure = failureOf(error)
    if (failure === undefined || failure.status === 500 || isOwnFault(error, failure))
      log.error({ err: error, path }, 'Failed to answer over HTTP')
    const { status, code, message } = failure ?? INTERNAL
    if (status === 401) reply.header('www-authenticate', 'Bearer')
    const waku = path === LIGHT_PUSH_PATH ? { statusDesc: message } : {}
    return reply.code(status).send({ code, message, ...waku })
  }

  speakJson(server)
  const { requestsPerSecond, requestsBurst, answerTimeoutMs } = config
  const limit = rateLimit(requestsPerSecond, requestsBurst)
  const rulesGate = gate(rules)
  let stopping = false
  server.addHook('preClose', async () => void (stopping = true))
  server.addHook('onRequest', async (request, reply) => {
    if (stopping) throw new AnswerError(503, 'STOPPING', 'The node is stopping')
    cutWhenLate(request, reply, answerTimeoutMs)
    if (!limit.take(request.ip))
      throw new AnswerError(429, 'TOO_MANY_REQUESTS', 'Too many requests from this address; wait a second')
    rulesGate.checkSource(request.headers)
    if (answerToPage(request, reply, rulesGate)) return reply
    rulesGate.checkToken(request.headers, request.routeOptions.config.access ?? 'open')
    return undefined
  })
  server.addHook('onResponse', async (request, reply) => {
    const { url: path } = request.routeOptions
    counter?.answered(request.method, path && inBraces(path), reply.statusCode, reply.elapsedTime / 1_000)
  })
  // A client that kept its connection would hold up the stop until it is idle for too long.
  server.addHook('onSend', async (_request, reply) => void (stopping && reply.header('connection', 'close')))
  server.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .send({ code: 'NOT_FOUND', message: 'There is no such route; GET /openapi.json names them all' }),
  )
  server.setErrorHandler((error, _request, reply) => answerFailure(reply, error))
  addRoutes(server, withDocument(routes, version))
  return server
}

const INTERNAL: Failure = { status: 500, code: 'INTERNAL', message: 'A fault of the node; its log says more' }

/** True for what the node could not do, and not for what it refuses in its present state. */
function isOwnFault(error: unknown, { status }: Failure): boolean {
  return status === 503 && (error as Error).cause !== undefined
}

/** JSON and nothing else comes in, with all digits of its integers, and goes out likewise. */
function speakJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })
  server.setReplySerializer(toJson)
}

/** A slow reader, or an answer that does not come, holds a connection and its memory for so long and no longer. */
function cutWhenLate(request: FastifyRequest, reply: FastifyReply, ms: number): void {
  const timer = setTimeout(() => request.raw.destroy(), ms)
  timer.unref()
  reply.raw.once('close', () => clearTimeout(timer))
}

/** Headers that let an allowed page read the answer. True if it only asked whether it may. */
function answerToPage(request: FastifyRequest, reply: FastifyReply, { readableBy }: Gate): boolean {
  const origin = readableBy(request.headers)
  if (origin === undefined) return false
  reply.header('access-control-allow-origin', origin).header('vary', 'origin')
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
    return false
  reply
    .header('access-control-allow-methods', 'GET, POST, PUT, DELETE')
    .header('access-control-allow-headers', 'authorization, content-type')
    .code(204)
    .send()
  return true
}

/** The answer to bytes that are no HTTP, as far as the connection still takes one. */
function answerRaw(error: { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const [status, code] = RAW_STATUS[error.code ?? ''] ?? ['400 Bad Request', 'BAD_REQUEST']
  const body = toJson({ code, message: 'The request could not be read' })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const RAW_STATUS: Readonly<Record<string, readonly [string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'REQUEST_TIMEOUT'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE'],
}

function withDocument(routes: readonly Route[], version: string): Route[] {
  const document = route(
    {
      method: 'GET',
      path: '/openapi.json',
      id: 'getOpenApi',
      tag: 'info',
      summary: 'This document',
      access: 'guarded',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    },
    () => ok(made),
  )
  const all = [...routes, document]
  const made = openApi(all, version)
  return all
}
