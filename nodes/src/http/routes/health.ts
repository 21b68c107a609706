import { z } from 'zod'
import { PROBLEMS as CODES, type NodeHealth } from '../info.ts'
import { ok, route, type Route } from '../route.ts'

type Code = NodeHealth['problems'][number]

export const HealthOut = z
  .strictObject({ status: z.enum(['ok', 'degraded', 'down']), problems: z.array(z.enum(CODES)) })
  .meta({ id: 'Health' })

const ReadyOut = z
  .strictObject({
    ready: z.boolean(),
    problems: z.array(
      z.strictObject({
        code: z.enum(CODES),
        blocks: z.boolean().describe('Whether the node is not ready because of it'),
        message: z.string(),
        action: z.string().describe('What to do about it'),
      }),
    ),
  })
  .meta({ id: 'Readiness' })

const LiveOut = z.strictObject({ live: z.literal(true) })

/** In words: what is wrong, what to do, and whether messages are refused until it is over. */
const PROBLEMS: Readonly<Record<Code, { blocks: boolean; message: string; action: string }>> = {
  MEMBERS_UNKNOWN: {
    blocks: true,
    message: 'The node has not read yet who the members are, and refuses all messages.',
    action: 'Wait until it has caught up with the chain; if that takes long, look at CHAIN_AWAY and the log.',
  },
  LEDGER_MISMATCH: {
    blocks: true,
    message: 'What the node read of the members does not fit the hash on chain, and it refuses all messages.',
    action:
      'An RPC endpoint tells falsehoods or leaves events out: set "rpcUrls" to another one and restart.',
  },
  MEMBERS_STUCK: {
    blocks: false,
    message:
      'The chain answers, but not about members: who joined or left lately is unknown, and those that joined are refused.',
    action:
      'Look in the log for what the "membership" listener postponed; an RPC endpoint may refuse logs ("eth_getLogs").',
  },
  CHAIN_AWAY: {
    blocks: false,
    message: 'No RPC endpoint answers. Messages are relayed, kept and served; settlement waits.',
    action: 'Check "rpcUrls" and the way there; the node goes on asking by itself.',
  },
  NO_PEERS: {
    blocks: false,
    message: 'The node is connected with nobody, so that what is published reaches nobody.',
    action: 'Check the network and "announce"; connect it with POST /admin/v1/peers.',
  },
}

export function healthRoutes(health: () => NodeHealth): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/health',
        id: 'getHealth',
        tag: 'health',
        summary: 'How the node is: ok, degraded or down, and why',
        access: 'open',
        answers: {
          200: { description: 'It serves.', schema: HealthOut },
          503: { description: 'It is down: it refuses all messages.', schema: HealthOut },
        },
      },
      () => {
        const body = health()
        return { status: body.status === 'down' ? 503 : 200, body }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/health/live',
        id: 'getLive',
        tag: 'health',
        summary: 'Whether the process answers; if it does not, restart it',
        access: 'open',
        answers: { 200: { description: 'It does.', schema: LiveOut } },
      },
      () => ok({ live: true }),
    ),
    route(
      {
        method: 'GET',
        path: '/health/ready',
        id: 'getReady',
        tag: 'health',
        summary: 'Whether the node takes messages; if not, why, and what to do',
        access: 'open',
        answers: {
          200: { description: 'It does.', schema: ReadyOut },
          503: { description: 'It does not.', schema: ReadyOut },
        },
      },
      () => {
        const { status, problems } = health()
        const ready = status !== 'down'
        const told = problems.map((code) => ({ code, ...PROBLEMS[code] }))
        return { status: ready ? 200 : 503, body: { ready, problems: told } }
      },
    ),
  ]
}
