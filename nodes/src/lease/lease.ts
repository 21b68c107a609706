import type { Multiaddr } from '@multiformats/multiaddr'
import {
  decodeLeaseRequest,
  encodeLeaseAnswer,
  LEASE_STATUS as STATUS,
  LeaseWireError,
  MAX_LEASE_REQUEST_BYTES,
  type SignedRange,
} from '@teahouse/protocol/lease'
import { PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { addressGroup } from '../net/address-group.ts'
import { Refusal, serve, type Net, type Service } from '../net/index.ts'
import type { LeaseConfig } from './config.ts'
import { AlreadyTaken, type LeaseDesk } from './desk.ts'
import type { Asker } from './quota.ts'

export interface LeaseDeps {
  readonly net: Net
  readonly desk: LeaseDesk
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: Logger
}

/** `/teahouse/lease/1`: ranges of message ids, each granted once. Wire format: docs/wire/lease.md. */
export function lease(config: LeaseConfig, { net, ...deps }: LeaseDeps): Service {
  const answer = leaseAnswers(deps)
  return serve(net, deps.log, {
    maxInboundStreams: config.maxInboundStreams,
    timeoutMs: config.timeoutMs,
    lingerMs: config.lingerMs,
    protocol: PROTOCOLS.lease,
    maxRequestBytes: MAX_LEASE_REQUEST_BYTES,
    answer: (bytes, { peerId, connection }) => answer(bytes, askerAt(peerId, connection.remoteAddr)),
    refuse: (error) => refuse(error, '', deps),
  })
}

/** Who asks from an address. A /32 of IPv6 is what a provider gets from its registry. */
export function askerAt(peerId: string, address: Multiaddr): Asker {
  const isIp6 = address.getComponents()[0]?.name === 'ip6'
  // The binary form begins with one byte for the kind of address.
  const block = isIp6 ? Buffer.from(address.bytes.subarray(0, 1 + 4)).toString('hex') : undefined
  return { peerId, address: addressGroup(address), block }
}

/** Bytes of a request → bytes of its answer; never throws. */
export function leaseAnswers(deps: Omit<LeaseDeps, 'net'>) {
  return async (bytes: Uint8Array, from: Asker): Promise<Uint8Array> => {
    let requestId = ''
    try {
      const request = decodeLeaseRequest(bytes)
      requestId = request.requestId
      const taken = await deps.desk.answer(request.question, from)
      return encodeLeaseAnswer({ status: STATUS.ok, description: 'OK', time: deps.now(), taken }, requestId)
    } catch (error) {
      return refuse(error, requestId, deps)
    }
  }
}

function refuse(error: unknown, requestId: string, { now, log }: Omit<LeaseDeps, 'net'>): Uint8Array {
  const { status, description, taken } = statusOf(error)
  if (status === STATUS.unavailable) log.error({ err: error }, 'Could not answer about a lease')
  return encodeLeaseAnswer({ status, description, taken, time: now() }, requestId)
}

function statusOf(error: unknown): { status: number; description: string; taken?: SignedRange | undefined } {
  if (error instanceof Refusal) {
    const taken = error instanceof AlreadyTaken ? error.claim : undefined
    return { status: error.detail.status, description: error.message, taken }
  }
  if (error instanceof LeaseWireError || error instanceof WireError)
    return { status: STATUS.badRequest, description: `BAD_REQUEST: ${error.message}` }
  return { status: STATUS.unavailable, description: 'SERVICE_UNAVAILABLE: the leases cannot be read' }
}
