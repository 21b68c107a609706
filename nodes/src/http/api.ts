import Fastify from 'fastify'
import { TeahouseError } from '@teahouse/protocol/errors'
import type { Logger } from 'pino'
import type { ApiConfig } from './config.ts'
import type { NodeHealth, NodeInfo } from './info.ts'

export type ApiFailure = {
  readonly code: 'PORT_TAKEN' | 'ADDRESS_UNUSABLE'
  readonly host: string
  readonly port: number
}

/** The HTTP address can't be listened on. */
export class ApiError extends TeahouseError<ApiFailure> {}

export interface ApiDeps {
  readonly health: () => NodeHealth
  readonly info: () => Promise<NodeInfo>
  readonly log: Logger
}

export interface Api {
  /** The base address, once started. */
  readonly url: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** `GET /health` (200, or 503 when something is down) and `GET /info`, as JSON; amounts as decimal strings. */
export function createApi(config: ApiConfig, { health, info, log }: ApiDeps): Api {
  const server = Fastify({ logger: false, bodyLimit: 16 * 1024, requestTimeout: 10_000 })
  let url = ''

  server.get('/health', (_request, reply) => {
    const answer = health()
    return reply.code(answer.status === 'down' ? 503 : 200).send(answer)
  })
  server.get('/info', async (_request, reply) => {
    const body = JSON.stringify(await info(), (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    )
    return reply.type('application/json').send(body)
  })
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: 'NOT_FOUND', known: ['/health', '/info'] }),
  )
  server.setErrorHandler((err, request, reply) => {
    log.error({ err, path: request.routeOptions.url }, 'Failed to answer over HTTP')
    return reply.code(500).send({ code: 'INTERNAL' })
  })

  return {
    get url() {
      return url
    },
    async start() {
      try {
        url = await server.listen({ host: config.host, port: config.port })
      } catch (cause) {
        throw listenError(config, cause)
      }
      log.info({ url }, 'Answers over HTTP')
    },
    stop: () => server.close(),
  }
}

function listenError({ host, port }: ApiConfig, cause: unknown): ApiError {
  const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
  return taken
    ? new ApiError(
        `Port ${port} on ${host} is taken. Stop what listens there, or set "api.port" to another (0: any free one).`,
        { code: 'PORT_TAKEN', host, port },
        { cause },
      )
    : new ApiError(
        `Can't listen on ${host}:${port}. Correct "api".`,
        { code: 'ADDRESS_UNUSABLE', host, port },
        { cause },
      )
}
