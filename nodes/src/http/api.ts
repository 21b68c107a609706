import type { Logger } from 'pino'
import { toRefusal } from '../lightpush/index.ts'
import type { Drain } from '../drain.ts'
import { isLoopback } from './access.ts'
import type { ForgetDesk } from '../forget/index.ts'
import type { ApiConfig } from './config.ts'
import { ApiError } from './errors.ts'
import type { NodeHealth, NodeInfo } from './info.ts'
import { adminRoutes, type AdminRoutesDeps } from './routes/admin.ts'
import { drainRoutes } from './routes/drain.ts'
import { forgottenRoutes } from './routes/forgotten.ts'
import { healthRoutes } from './routes/health.ts'
import { infoRoutes } from './routes/info.ts'
import { lightPushRoutes } from './routes/lightpush.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { pageRoutes } from './routes/page.ts'
import { profileRoutes, type ProfileRoutesDeps } from './routes/profile.ts'
import { relayRoutes, type Publish, type RelayRoutesDeps } from './routes/relay.ts'
import { rootRoutes, type RootRoutesDeps } from './routes/roots.ts'
import { storeRoutes, type StoreRoutesDeps } from './routes/store.ts'
import type { Route } from './route.ts'
import { createServer } from './server.ts'
import { openToken } from './token.ts'
import type { HttpCounter } from './use.ts'

export interface ApiDeps {
  readonly health: () => NodeHealth
  readonly info: () => Promise<NodeInfo>
  /** What was credited and collected, as CSV. */
  readonly ledger: () => Promise<string>
  readonly metrics: () => Promise<string>
  readonly relay: RelayRoutesDeps
  readonly store: StoreRoutesDeps
  readonly roots: RootRoutesDeps
  readonly admin: AdminRoutesDeps
  readonly profile: ProfileRoutesDeps
  readonly drain: Drain
  readonly forget: Pick<ForgetDesk, 'forget' | 'list'>
  /** Where the token is kept if the configuration names no other place. */
  readonly dataDir: string
  readonly version: string
  readonly counter?: Pick<HttpCounter, 'answered'> | undefined
  readonly log: Logger
}

export interface Api {
  /** The base address, once started. */
  readonly url: string
  /** Throws ApiError. */
  start(): Promise<void>
  /** Takes no more requests, and ends when those under way are answered, or their time is over. */
  stop(): Promise<void>
}

/** Everything that is served, beside the document of it. */
export function allRoutes(deps: ApiDeps): Route[] {
  const { health, metrics, relay, store, roots, admin, profile, drain, forget } = deps
  const publish = withStatuses(relay.publish)
  return [
    ...healthRoutes(health),
    ...infoRoutes(deps),
    ...metricsRoutes(metrics),
    ...relayRoutes({ ...relay, publish }),
    ...lightPushRoutes(publish),
    ...storeRoutes(store),
    ...rootRoutes(roots),
    ...forgottenRoutes(forget),
    ...adminRoutes(admin),
    ...profileRoutes(profile),
    ...drainRoutes(drain),
    ...pageRoutes(),
  ]
}

/** Publishing fails with the statuses of light push, whatever the reason. */
function withStatuses(publish: Publish): Publish {
  return (pubsubTopic, message) =>
    publish(pubsubTopic, message).catch((error: unknown) => {
      throw toRefusal(error)
    })
}

/** The node's HTTP API: docs/api.md, and `/openapi.json` when it runs. */
export function createApi(config: ApiConfig, deps: ApiDeps): Api {
  const { dataDir, version, counter, log } = deps
  let server: ReturnType<typeof createServer> | undefined
  let url = ''

  return {
    get url() {
      return url
    },
    async start() {
      const token = await openToken(config, dataDir)
      const trusted = isLoopback(config.host) && !config.tokenForAll
      const rules = { ...config, trusted, token }
      server = createServer({ config, rules, routes: allRoutes(deps), version, counter, log })
      try {
        url = await server.listen({ host: config.host, port: config.port })
      } catch (cause) {
        throw listenError(config, cause)
      }
      log.info({ url }, 'Answers over HTTP')
    },
    async stop() {
      const late = setTimeout(() => server?.server.closeAllConnections(), config.stopTimeoutMs)
      await server?.close().finally(() => clearTimeout(late))
    },
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
