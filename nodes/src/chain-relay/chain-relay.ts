import type { Logger } from 'pino'
import {
  CHAIN_STATUS as STATUS,
  type ChainCommand,
  ChainRelayError,
  type ChainReply,
  decodeCommand,
  decodeQuestion,
  encodeReply,
  MAX_CHAIN_REQUEST_BYTES,
  NO_QUESTION,
} from '@teahouse/protocol/chain-relay'
import { PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import { Refusal, serve, type Charge, type Net, type Service } from '../net/index.ts'
import { addressGroup } from '../net/address-group.ts'
import { rateLimit } from '../rate-limit.ts'
import type { signedAnswers } from './answers.ts'
import type { ChainRelayConfig } from './config.ts'
import type { RelayDesk } from './desk.ts'
import { requestsOf } from './evaluate.ts'
import { tooMany, type Asker } from './limits.ts'
import { Reverts } from './simulate.ts'

export interface ChainRelayDeps {
  readonly answers: ReturnType<typeof signedAnswers>
  readonly desk: RelayDesk
  readonly charge: Charge
  /** Blocks that one request to the chain spans. */
  readonly blockRange: number
  /** Counts an answer. */
  readonly answered: () => void
  readonly log: Logger
}

/** Said of a rate, which passes by itself; docs/wire/chain.md. */
const WAIT = 'wait a second'

/** `/teahouse/chain/1`: signed answers about the chain, and actions sent for people. Wire format: docs/wire/chain.md. */
export function chainRelay(config: ChainRelayConfig, deps: ChainRelayDeps & { readonly net: Net }): Service {
  const answer = chainAnswers(config, deps)
  const { maxInboundStreams, timeoutMs, lingerMs } = config
  return serve(deps.net, deps.log, {
    ...{ maxInboundStreams, timeoutMs, lingerMs },
    protocol: PROTOCOLS.chain,
    maxRequestBytes: MAX_CHAIN_REQUEST_BYTES,
    answer: (bytes, { peerId, connection }) =>
      answer(bytes, { peerId, address: addressGroup(connection.remoteAddr) }),
    refuse: (error) => refuse(error, '', deps.log),
  })
}

/** Bytes of a request → bytes of its answer; never throws. */
export function chainAnswers(config: ChainRelayConfig, deps: ChainRelayDeps) {
  const { answers, desk, charge, blockRange, answered, log } = deps
  const requests = rateLimit(config.requestsPerSecond, config.requestsAtOnce)

  async function respond(command: ChainCommand, from: Asker): Promise<Partial<ChainReply>> {
    if (command.kind === 'submit') return { action: await desk.submit(command.action, from) }
    if (command.kind === 'follow') return { action: await desk.follow(command.id) }
    const { question } = command
    const requestsMore = question === NO_QUESTION ? 0 : requestsOf(decodeQuestion(question), blockRange) - 1
    if (!requests.take(from.address, requestsMore)) throw tooMany(WAIT)
    const paid = await charge(from.peerId, 'chain-answer', 1)
    if (!paid.ok) throw tooMany(paid.description)
    const answer = await answers(question, command.at)
    answered()
    return { answer }
  }

  return async (bytes: Uint8Array, from: Asker): Promise<Uint8Array> => {
    let requestId = ''
    try {
      if (!requests.take(from.address)) throw tooMany(WAIT)
      const { command, ...request } = decodeCommand(bytes)
      requestId = request.requestId
      const reply = await respond(command, from)
      return encodeReply({ status: STATUS.ok, description: 'OK', ...reply }, requestId)
    } catch (error) {
      return refuse(error, requestId, log)
    }
  }
}

function refuse(error: unknown, requestId: string, log: Logger): Uint8Array {
  const { status, description } = statusOf(error)
  if (status === STATUS.unavailable && !(error instanceof Refusal))
    log.error({ err: error }, 'Could not answer about the chain')
  const revert = error instanceof Reverts ? { revert: error.revert } : {}
  return encodeReply({ status, description, ...revert }, requestId)
}

function statusOf(error: unknown): { status: number; description: string } {
  if (error instanceof Refusal) return { status: error.detail.status, description: error.message }
  if (error instanceof ChainRelayError || error instanceof WireError)
    return { status: STATUS.badRequest, description: `BAD_REQUEST: ${error.message}` }
  return { status: STATUS.unavailable, description: 'SERVICE_UNAVAILABLE: the chain does not answer' }
}
