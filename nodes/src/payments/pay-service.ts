import { bytesToHex } from 'viem'
import type { Logger } from 'pino'
import {
  decode,
  PayRequest,
  PayResponse,
  PROTOCOLS,
  type QuotaProof,
  WireError,
} from '@teahouse/protocol/wire'
import type { Voucher } from '@teahouse/protocol/payments'
import { serve, type Net, type Served } from '../net/index.ts'
import { amountBytes, malformed, readAddress, readAmount } from './amounts.ts'
import { VoucherError } from './errors.ts'
import type { PaymentsConfig } from './config.ts'
import type { Meter } from './meter.ts'
import type { QuotaDesk, QuotaLeft } from './quota/desk.ts'
import { QuotaError } from './quota/errors.ts'
import type { VoucherDesk } from './voucher-desk.ts'

const MAX_REQUEST_BYTES = 1_024
const SIGNATURE_BYTES = 65
const STATUS = { OK: 200, BAD_REQUEST: 400, REFUSED: 402, INTERNAL: 500, UNAVAILABLE: 503 } as const

export interface PayServiceDeps {
  readonly net: Net
  readonly desk: VoucherDesk
  readonly meter: Pick<Meter, 'release'>
  /** Takes members' proofs; without it, nobody has a quota by them. */
  readonly quotas?: QuotaDesk | undefined
  readonly log: Logger
}

/**
 * `/teahouse/pay/1`: takes a voucher, or a member's proof, for the requests that follow on this connection. Answers 200 with the credit or
 * what is left of the quota, 400 for what is malformed, 402 for what is refused, 503 when the chain is away; `status_desc` begins with the
 * code of VoucherError or QuotaError. Wire format: docs/wire/pay.md.
 */
export function payService(
  config: PaymentsConfig,
  { net, desk, meter, quotas, log }: PayServiceDeps,
): Served {
  const isHere = (peerId: string) =>
    net.getConnections().some(({ remotePeer }) => remotePeer.toString() === peerId)

  async function openQuota(requestId: string, proof: QuotaProof, peerId: string): Promise<Uint8Array> {
    try {
      if (!quotas) throw new QuotaError('Nobody has a quota here', { code: 'MEMBERS_UNKNOWN' })
      return reply({ requestId, statusCode: STATUS.OK, left: await quotas.take(proof, peerId) })
    } catch (err) {
      if (!(err instanceof QuotaError)) throw err
      const statusCode = quotaStatusOf(err)
      net.services.requests.refused(PROTOCOLS.pay, statusCode)
      log.info({ code: err.code, peerId }, 'Refused a proof for a quota')
      return reply({ requestId, statusCode, statusDesc: describe(err) })
    }
  }

  async function answer(bytes: Uint8Array, peerId: string): Promise<Uint8Array> {
    const { requestId, voucher: fields, quotaProof } = decode(PayRequest, bytes)
    if (quotaProof && !fields) return await openQuota(requestId, quotaProof, peerId)
    try {
      if (!fields || quotaProof) throw malformed('request')
      if (fields.signature.length !== SIGNATURE_BYTES) throw malformed('signature')
      const voucher = readVoucher(fields)
      const { credit, cumulative } = await desk.take(voucher, bytesToHex(fields.signature), peerId)
      // Who left while the chain was asked is not told of again.
      if (!isHere(peerId)) meter.release(peerId)
      log.info({ payer: voucher.payer, cumulative: cumulative.toString() }, 'Took a voucher')
      return reply({ requestId, statusCode: STATUS.OK, credit, cumulative })
    } catch (err) {
      if (!(err instanceof VoucherError)) throw err
      net.services.requests.refused(PROTOCOLS.pay, statusOf(err))
      log.info({ code: err.code, peerId }, 'Refused a voucher')
      const booked = err.detail.code === 'NOT_INCREASING' ? err.detail.booked : 0n
      return reply({ requestId, statusCode: statusOf(err), statusDesc: describe(err), cumulative: booked })
    }
  }

  return serve(net, log, {
    protocol: PROTOCOLS.pay,
    maxRequestBytes: MAX_REQUEST_BYTES,
    maxInboundStreams: config.maxInboundStreams,
    timeoutMs: config.requestTimeoutMs,
    lingerMs: config.requestTimeoutMs,
    answer: (request, { peerId }) => answer(request, peerId),
    refuse(err) {
      if (err instanceof WireError)
        return reply({ requestId: '', statusCode: STATUS.BAD_REQUEST, statusDesc: err.message })
      log.error({ err }, 'Failed to take a voucher')
      return reply({ requestId: '', statusCode: STATUS.INTERNAL, statusDesc: 'INTERNAL' })
    },
  })
}

interface Reply {
  readonly requestId: string
  readonly statusCode: number
  readonly statusDesc?: string
  readonly credit?: bigint
  readonly cumulative?: bigint
  readonly left?: QuotaLeft
}

function reply({ credit = 0n, cumulative = 0n, left = [], ...rest }: Reply): Uint8Array {
  const amounts = { credit: amountBytes(credit), cumulative: amountBytes(cumulative) }
  return PayResponse.encode({ ...rest, ...amounts, left: [...left] })
}

function readVoucher(fields: {
  payer: Uint8Array
  payee: Uint8Array
  epoch: bigint
  cumulative: Uint8Array
}): Voucher {
  return {
    payer: readAddress('payer', fields.payer),
    payee: readAddress('payee', fields.payee),
    epoch: fields.epoch,
    cumulative: readAmount('cumulative', fields.cumulative),
  }
}

function statusOf({ detail }: VoucherError): number {
  if (detail.code === 'MALFORMED') return STATUS.BAD_REQUEST
  return detail.code === 'CHAIN_UNAVAILABLE' ? STATUS.UNAVAILABLE : STATUS.REFUSED
}

function quotaStatusOf({ code }: QuotaError): number {
  if (code === 'MALFORMED') return STATUS.BAD_REQUEST
  return code === 'MEMBERS_UNKNOWN' || code === 'OVERLOADED' ? STATUS.UNAVAILABLE : STATUS.REFUSED
}

const describe = (err: VoucherError | QuotaError) => `${err.code}: ${err.message}`
