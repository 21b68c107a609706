import { HttpRequestError, RpcRequestError, TimeoutError, type Hex } from 'viem'
import type { z } from 'zod'
import type { Logger } from 'pino'
import { NodeChainError } from './errors.ts'
import type { BlockRef } from './head.ts'
import type { JsonRpc } from './json-rpc.ts'

/** Why an endpoint is left alone for a while. */
export type EndpointFault = 'away' | 'garbage' | 'lagging' | 'contradicts' | 'wrong chain'

/** An endpoint as `/info` tells of it. */
export interface EndpointStatus {
  /** Host and port; never the path, which may be a key. */
  readonly host: string
  /** `new` until it was first heard. */
  readonly state: 'new' | 'ok' | EndpointFault
  /** Blocks behind the block that a quorum agrees on; absent before the first answer. */
  readonly lag?: number
}

/** One RPC endpoint: what it last said, and whether it is asked at present. */
export interface Endpoint {
  readonly host: string
  readonly state: EndpointStatus['state']
  /** Set once it named its chain; cleared when that has to be asked again. */
  identity: { readonly chainId: number; readonly genesisHash: Hex } | undefined
  /** The newest block that it told of. */
  head: BlockRef | undefined
  /** Number of the newest block on which it agreed with the quorum. */
  agreedTo: bigint
  /** Whether it may be asked now: it is not set aside, or has been for long enough. */
  readonly due: boolean
  /**
   * Asks, and takes from the answer what `schema` names. Sets the endpoint aside when it does not answer or answers with something
   * else. Throws what JsonRpc throws.
   */
  ask<T>(method: string, params: readonly unknown[], schema: z.ZodType<T>): Promise<T>
  setAside(fault: EndpointFault): void
  /** It may be asked again: it answers, and with what a quorum says. */
  welcome(): void
}

export interface EndpointOptions {
  readonly setAsideMs: number
  readonly setAsideMaxMs: number
  readonly log: Logger
  /** Milliseconds that never jump. */
  readonly now?: () => number
}

/** Keeps the state of one endpoint. Says in one line each when it goes and when it comes back. */
export function endpoint(rpc: JsonRpc, options: EndpointOptions): Endpoint {
  const { setAsideMs, setAsideMaxMs, log, now = () => performance.now() } = options
  const { host } = rpc
  let state: EndpointStatus['state'] = 'new'
  let strikes = 0
  let retryAt = 0
  let wellSince = 0

  const isAside = () => state !== 'ok' && state !== 'new'

  function setAside(fault: EndpointFault): void {
    if (isAside() && now() < retryAt) return // many requests fail at once
    if (!isAside() && now() - wellSince > setAsideMaxMs) strikes = 0
    const retryInMs = Math.min(setAsideMs * 2 ** strikes, setAsideMaxMs)
    strikes++
    retryAt = now() + retryInMs
    log[isAside() ? 'debug' : 'warn']({ rpc: host, reason: fault, retryInMs }, 'Set an RPC endpoint aside')
    state = fault
  }

  const self: Endpoint = {
    host,
    get state() {
      return state
    },
    identity: undefined,
    head: undefined,
    agreedTo: -1n,
    get due() {
      return !isAside() || now() >= retryAt
    },
    async ask(method, params, schema) {
      try {
        const answer = schema.safeParse(await rpc.request(method, params))
        if (answer.success) return answer.data
        const detail = { code: 'BAD_ANSWER', rpc: host, method } as const
        throw new NodeChainError(`The RPC endpoint ${host} gave no answer that fits ${method}`, detail)
      } catch (err) {
        const fault = faultOf(err)
        if (fault) setAside(fault)
        throw err
      }
    },
    setAside,
    welcome() {
      if (isAside()) log.info({ rpc: host }, 'An RPC endpoint is back')
      if (state !== 'ok') wellSince = now()
      state = 'ok'
    },
  }
  return self
}

/** An error that the endpoint itself answers with is about the question. */
function faultOf(err: unknown): EndpointFault | undefined {
  if (err instanceof RpcRequestError) return undefined
  if (err instanceof HttpRequestError || err instanceof TimeoutError) return 'away'
  return err instanceof NodeChainError && err.detail.code === 'BAD_ANSWER' ? 'garbage' : undefined
}
