import { EXPOSITION_TYPE } from '../../metrics/index.ts'
import { ok, route, type Route } from '../route.ts'

export function metricsRoutes(metrics: () => Promise<string>): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/metrics',
        id: 'getMetrics',
        tag: 'info',
        summary: 'What the node counts, for Prometheus',
        access: 'guarded',
        answers: { 200: { description: "Prometheus' text format; docs/metrics.md names them all." } },
      },
      async () => ok(await metrics(), { 'content-type': EXPOSITION_TYPE }),
    ),
  ]
}
