import {
  decodeWakeRequest,
  encodeWakeAnswer,
  MAX_WAKE_REQUEST_BYTES,
  WAKE_STATUS as STATUS,
  WakeWireError,
} from '@teahouse/protocol/wake'
import { PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { addressGroup } from '../net/address-group.ts'
import { Refusal, serve, type Net, type Service } from '../net/index.ts'
import type { WakeConfig } from './config.ts'
import type { WakeDesk } from './desk.ts'

export interface WakeDeps {
  readonly net: Net
  readonly desk: WakeDesk
  /** What signals are signed with. */
  readonly vapidKey: Uint8Array
  readonly log: Logger
}

/** `/teahouse/wake/1`: has a node wake a device. Wire format: docs/wire/wake.md. */
export function wake(config: WakeConfig, { net, desk, vapidKey, log }: WakeDeps): Service {
  function refuse(error: unknown, requestId = ''): Uint8Array {
    const [status, description] = statusOf(error)
    if (status === STATUS.failed) log.error({ err: error }, 'Could not answer a request')
    return encodeWakeAnswer({ status, description, vapidKey, until: 0 }, requestId)
  }

  const served = serve(net, log, {
    maxInboundStreams: config.maxInboundStreams,
    timeoutMs: config.timeoutMs + config.signalTimeoutMs,
    lingerMs: config.lingerMs,
    protocol: PROTOCOLS.wake,
    maxRequestBytes: MAX_WAKE_REQUEST_BYTES,
    async answer(bytes, { connection }) {
      let requestId = ''
      try {
        const request = decodeWakeRequest(bytes)
        requestId = request.requestId
        const { question } = request
        const until = question ? await desk.subscribe(question, addressGroup(connection.remoteAddr)) : 0
        return encodeWakeAnswer({ status: STATUS.ok, description: 'OK', vapidKey, until }, requestId)
      } catch (error) {
        return refuse(error, requestId)
      }
    },
    refuse: (error) => refuse(error),
  })
  return {
    start: () => served.start(),
    async stop() {
      desk.stop()
      await served.stop()
    },
  }
}

function statusOf(error: unknown): readonly [number, string] {
  if (error instanceof Refusal) return [error.detail.status, error.message]
  if (error instanceof WakeWireError || error instanceof WireError)
    return [STATUS.badRequest, `BAD_REQUEST: ${error.message}`]
  return [STATUS.failed, 'FAILED']
}
