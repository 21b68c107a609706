import { z } from 'zod'
import { PubsubTopic } from '../fields.ts'
import { MessageIn, readMessage } from '../messages.ts'
import { ok, route, type Route } from '../route.ts'
import { PUSH_FAILURES } from './push-failures.ts'
import type { Publish } from './relay.ts'

/** Where failures carry `statusDesc` too, as the Waku REST API has it. */
export const LIGHT_PUSH_PATH = '/lightpush/v3/message'

const PushOut = z
  .strictObject({ statusDesc: z.string(), relayPeerCount: z.int().describe('To how many peers it was sent') })
  .meta({ id: 'PushResponse' })

export function lightPushRoutes(publish: Publish): Route[] {
  return [
    route(
      {
        method: 'POST',
        path: LIGHT_PUSH_PATH,
        id: 'lightPush',
        tag: 'lightpush',
        summary: 'Publishes a message as /relay/v1 does, and says how many peers took it',
        access: 'guarded',
        body: z.strictObject({ pubsubTopic: PubsubTopic.or(z.literal('')).optional(), message: MessageIn }),
        answers: {
          200: {
            description: 'Valid, on disk unless it is ephemeral, and on its way to peers.',
            schema: PushOut,
          },
          ...PUSH_FAILURES,
        },
      },
      async ({ body: { pubsubTopic, message } }) => {
        const { peers, duplicate } = await publish(pubsubTopic, readMessage(message))
        return ok({ statusDesc: duplicate ? 'DUPLICATE' : 'OK', relayPeerCount: peers })
      },
    ),
  ]
}
