import { z } from 'zod'
import type { Drain } from '../../drain.ts'
import { ok, route, type Route } from '../route.ts'

const MAX_WAIT_SECONDS = 7 * 86_400
const FACTS = { tag: 'admin', access: 'admin', path: '/admin/v1/drain' } as const

export function drainRoutes(drain: Drain): Route[] {
  const DrainOut = z
    .strictObject({
      state: z
        .enum(['serving', 'leaving', 'settling', 'drained'])
        .describe('leaving: announced no more, serves on; settling: refuses new work and collects'),
      until: z.int().optional().describe('Unix seconds until which it serves on'),
      pending: z.string().describe('Vouchers that are not collected, in the smallest unit of the token'),
    })
    .meta({ id: 'Drain' })
  const shown = ({ pending, ...view }: ReturnType<Drain['view']>) =>
    ok({ ...view, pending: pending.toString() })
  const answers = { 200: { description: 'How far it is.', schema: DrainOut } }
  return [
    route(
      {
        ...FACTS,
        method: 'GET',
        id: 'getDrain',
        summary: 'Whether the node is leaving, and how far it is',
        answers,
      },
      () => shown(drain.view()),
    ),
    route(
      {
        ...FACTS,
        method: 'POST',
        id: 'drain',
        summary:
          'Takes the announcement back, serves on for a while, collects all vouchers, and stops the node',
        body: z.strictObject({
          waitSeconds: z.int().min(0).max(MAX_WAIT_SECONDS).optional().describe('Three epochs without it'),
        }),
        answers,
      },
      ({ body }) => shown(drain.begin(body.waitSeconds)),
    ),
  ]
}
