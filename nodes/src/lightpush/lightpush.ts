import {
  decode,
  LightPushRequestV3,
  LightPushResponseV3,
  MAX_MESSAGE_FRAME_BYTES,
  PROTOCOLS,
  PushRpc,
} from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { serve, ServeConfig, type Net, type Refusal, type Service } from '../net/index.ts'
import { pushWith, type Push, type PushDeps, type Pushed } from './push.ts'
import { STATUS, toRefusal } from './statuses.ts'

export const LightPushConfig = ServeConfig.extend({
  /** Peers that must relay the shard; with fewer the answer is NO_PEERS_TO_RELAY. 0 lets a node alone accept. */
  minRelayPeers: z.int().min(0).default(1),
})

export interface LightPushDeps extends PushDeps {
  readonly net: Net
  readonly log: Logger
}

type Config = z.output<typeof LightPushConfig>

/**
 * `/vac/waku/lightpush/3.0.0` and `/vac/waku/lightpush/2.0.0-beta1`: publishes a message for a peer; it is kept on
 * disk before the answer says so. Wire format: docs/wire/lightpush.md.
 */
export function lightPush(init: z.input<typeof LightPushConfig> = {}) {
  const config = LightPushConfig.parse(init)
  return (deps: LightPushDeps): Service => {
    const push = pushWith(config, deps)
    const services = [serveV3(config, deps, push), serveV2(config, deps, push)]
    return {
      async start() {
        for (const service of services) await service.start()
      },
      async stop() {
        for (const service of services) await service.stop()
      },
    }
  }
}

function serveV3(config: Config, { net, log }: LightPushDeps, push: Push): Service {
  const refuse = (error: unknown, requestId: string): Uint8Array => {
    const { message: statusDesc, detail } = refusalTold(error, { net, log }, PROTOCOLS.lightPush)
    return LightPushResponseV3.encode({ requestId, statusCode: detail.status, statusDesc })
  }
  return serve(net, log, {
    ...config,
    protocol: PROTOCOLS.lightPush,
    maxRequestBytes: MAX_MESSAGE_FRAME_BYTES,
    async answer(bytes, { peerId }) {
      const { requestId, pubsubTopic, message } = decode(LightPushRequestV3, bytes)
      try {
        const pushed = await push(pubsubTopic, message, peerId)
        return LightPushResponseV3.encode({
          requestId,
          statusCode: STATUS.SUCCESS,
          statusDesc: describe(pushed),
          relayPeerCount: pushed.peers,
        })
      } catch (error) {
        return refuse(error, requestId)
      }
    },
    refuse: (error) => refuse(error, ''),
  })
}

function serveV2(config: Config, { net, log }: LightPushDeps, push: Push): Service {
  const refuse = (error: unknown, requestId: string): Uint8Array => {
    const info = refusalTold(error, { net, log }, PROTOCOLS.lightPushV2).message
    return PushRpc.encode({ requestId, response: { isSuccess: false, info } })
  }
  return serve(net, log, {
    ...config,
    protocol: PROTOCOLS.lightPushV2,
    maxRequestBytes: MAX_MESSAGE_FRAME_BYTES,
    async answer(bytes, { peerId }) {
      const { requestId, request } = decode(PushRpc, bytes)
      try {
        const pushed = await push(request?.pubsubTopic, request?.message, peerId)
        return PushRpc.encode({ requestId, response: { isSuccess: true, info: describe(pushed) } })
      } catch (error) {
        return refuse(error, requestId)
      }
    },
    refuse: (error) => refuse(error, ''),
  })
}

function describe({ duplicate }: Pushed): string {
  return duplicate ? 'DUPLICATE' : 'OK'
}

/** The refusal that an error is answered with; counted, and logged if it is the node's fault. */
function refusalTold(
  error: unknown,
  { net, log }: Pick<LightPushDeps, 'net' | 'log'>,
  protocol: string,
): Refusal {
  const refused = toRefusal(error)
  net.services.requests.refused(protocol, refused.detail.status)
  if (refused.detail.status === STATUS.INTERNAL_SERVER_ERROR)
    log.error({ err: error }, 'Could not process a light push')
  return refused
}
