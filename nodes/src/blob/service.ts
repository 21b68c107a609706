import {
  BLOB_STATUS as STATUS,
  type BlobAnswer,
  type BlobQuestion,
  BlobWireError,
  decodeBlobRequest,
  encodeBlobAnswer,
  MAX_BLOB_REQUEST_BYTES,
} from '@teahouse/protocol/blob'
import { PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { serve, type Net, type Service } from '../net/index.ts'
import type { BlobConfig } from './config.ts'
import type { BlobDesk } from './desk.ts'
import { BlobError } from './errors.ts'

export interface BlobServiceDeps {
  readonly net: Net
  readonly desk: BlobDesk
  readonly log: Logger
}

/** `/teahouse/blob/1`: keeps chunks for a paid time, and gives them. Wire format: docs/wire/blob.md. */
export function blobService(config: BlobConfig, { net, desk, log }: BlobServiceDeps): Service {
  async function respond(question: BlobQuestion, peerId: string): Promise<Partial<BlobAnswer>> {
    switch (question.ask) {
      case 'put':
        return desk.put(peerId, question.data, question)
      case 'get':
        return { data: await desk.get(peerId, question.root) }
      case 'renew':
        return desk.renew(peerId, question.root, question)
      case 'stat':
        return { ends: await desk.stat(peerId, question.roots) }
    }
  }

  function refuse(error: unknown, requestId: string): Uint8Array {
    const { status, description } = statusOf(error)
    if (status === STATUS.unavailable && !(error instanceof BlobError))
      log.error({ err: error }, 'Could not keep or give a blob')
    return encodeBlobAnswer({ status, description }, requestId)
  }

  const { maxInboundStreams, timeoutMs, lingerMs } = config
  return serve(net, log, {
    ...{ maxInboundStreams, timeoutMs, lingerMs },
    protocol: PROTOCOLS.blob,
    maxRequestBytes: MAX_BLOB_REQUEST_BYTES,
    async answer(bytes, { peerId }) {
      const { requestId, question } = decodeBlobRequest(bytes)
      try {
        const answer = await respond(question, peerId)
        return encodeBlobAnswer({ status: STATUS.ok, description: 'OK', ...answer }, requestId)
      } catch (error) {
        return refuse(error, requestId)
      }
    },
    refuse: (error) => refuse(error, ''),
  })
}

const STATUS_OF = {
  NOT_FOUND: STATUS.notFound,
  TERM_OVER: STATUS.badRequest,
  TOO_LONG: STATUS.tooLong,
  NO_ROOM: STATUS.noRoom,
  BUSY: STATUS.unavailable,
  UNPAID: STATUS.tooManyRequests,
} as const

function statusOf(error: unknown): { status: number; description: string } {
  if (error instanceof BlobError) {
    const name = error.code === 'UNPAID' ? 'TOO_MANY_REQUESTS' : error.code
    return { status: STATUS_OF[error.code], description: `${name}: ${error.message}` }
  }
  if (error instanceof BlobWireError || error instanceof WireError)
    return { status: STATUS.badRequest, description: `BAD_REQUEST: ${error.message}` }
  return { status: STATUS.unavailable, description: 'SERVICE_UNAVAILABLE: blobs cannot be kept or read now' }
}
