import {
  encodeMessageReceipt,
  encodeRootAnswer,
  MAX_ROOT_REQUEST_BYTES,
  ROOT_STATUS as STATUS,
} from '@teahouse/protocol/receipts'
import {
  decode,
  MESSAGE_HASH_BYTES,
  PROTOCOLS,
  RootRequest,
  RootResponse,
  WireError,
} from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { bytesToHex } from 'viem'
import { Refusal, serve, type Charge, type Net, type Service } from '../net/index.ts'
import type { RootsConfig } from './config.ts'
import type { RootDesk } from './desk.ts'
import { RootError } from './errors.ts'
import type { MessageReceipts } from './receipts.ts'

const ADDRESS_BYTES = 20

export interface RootServiceDeps {
  readonly net: Net
  readonly desk: RootDesk
  /** Signs receipts for messages; without it there are none. */
  readonly receipts?: Pick<MessageReceipts, 'issue'> | undefined
  readonly charge: Charge
  readonly log: Logger
}

/** `/teahouse/root/1`: signed roots of the archive's hours, and proofs under them; receipts for messages. Wire format: docs/wire/root.md. */
export function rootService(
  config: RootsConfig,
  { net, desk, receipts, charge, log }: RootServiceDeps,
): Service {
  async function respond(request: RootRequest, peerId: string): Promise<Partial<RootResponse>> {
    const { shard, hour, messageHash, receiptFor } = request
    if (messageHash !== undefined && messageHash.length !== MESSAGE_HASH_BYTES)
      throw new Refusal(STATUS.badRequest, `BAD_REQUEST: a message hash has ${MESSAGE_HASH_BYTES} bytes`)
    if (receiptFor && (receiptFor.length !== ADDRESS_BYTES || !messageHash))
      throw new Refusal(STATUS.badRequest, 'BAD_REQUEST: a receipt is for an address and a message')
    const paid = await charge(peerId, 'store-query', 1)
    if (!paid.ok) throw new Refusal(STATUS.tooManyRequests, `TOO_MANY_REQUESTS: ${paid.description}`)
    if (receiptFor) {
      if (!receipts) throw new RootError('This node signs no receipts for messages', { code: 'NO_RECEIPTS' })
      const client = bytesToHex(receiptFor)
      return encodeMessageReceipt(await receipts.issue({ shard, hour, messageHash: messageHash!, client }))
    }
    return encodeRootAnswer(await desk.answer(shard, hour, messageHash))
  }

  function refuse(error: unknown, requestId: string): Uint8Array {
    const { statusCode, statusDesc } = statusOf(error)
    net.services.requests.refused(PROTOCOLS.root, statusCode)
    if (statusCode === STATUS.unavailable) log.error({ err: error }, 'Could not answer about a root')
    return RootResponse.encode({ requestId, statusCode, statusDesc })
  }

  return serve(net, log, {
    maxInboundStreams: config.maxInboundStreams,
    timeoutMs: config.timeoutMs,
    lingerMs: config.lingerMs,
    protocol: PROTOCOLS.root,
    maxRequestBytes: MAX_ROOT_REQUEST_BYTES,
    async answer(bytes, { peerId }) {
      const request = decode(RootRequest, bytes)
      const { requestId } = request
      try {
        const answer = await respond(request, peerId)
        return RootResponse.encode({ requestId, statusCode: STATUS.ok, statusDesc: 'OK', ...answer })
      } catch (error) {
        return refuse(error, requestId)
      }
    },
    refuse: (error) => refuse(error, ''),
  })
}

function statusOf(error: unknown): { statusCode: number; statusDesc: string } {
  if (error instanceof Refusal) return { statusCode: error.detail.status, statusDesc: error.message }
  if (error instanceof WireError)
    return { statusCode: STATUS.badRequest, statusDesc: `BAD_REQUEST: ${error.message}` }
  if (error instanceof RootError) {
    return error.code === 'GONE' || error.code === 'CLOSED'
      ? { statusCode: STATUS.gone, statusDesc: `${error.code}: ${error.message}` }
      : { statusCode: STATUS.notFound, statusDesc: `NOT_FOUND: ${error.message}` }
  }
  return { statusCode: STATUS.unavailable, statusDesc: 'SERVICE_UNAVAILABLE: the roots cannot be read' }
}
