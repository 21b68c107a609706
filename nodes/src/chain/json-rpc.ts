import { setTimeout as sleep } from 'node:timers/promises'
import { HttpRequestError, RpcRequestError, TimeoutError } from 'viem'
import { z } from 'zod'
import { NodeChainError } from './errors.ts'

/** One address that speaks JSON-RPC over HTTP. */
export interface JsonRpc {
  readonly host: string
  /**
   * The `result` of one call. @throws viem's HttpRequestError, TimeoutError, or RpcRequestError when the endpoint answers with an
   * error; NodeChainError BAD_ANSWER for what is no JSON-RPC. None of them holds more of the address than its host.
   */
  request(method: string, params: readonly unknown[]): Promise<unknown>
}

export interface JsonRpcOptions {
  /** For the whole answer, body included. */
  readonly timeoutMs: number
  readonly retries: number
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const RETRY_PAUSE_MS = 100

const Failed = z.object({
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }),
})
const Answered = z.record(z.string(), z.unknown()).refine((envelope) => 'result' in envelope)

/** Builds a client of one endpoint; credentials in the address become a header. */
export function jsonRpc(url: string, { timeoutMs, retries }: JsonRpcOptions): JsonRpc {
  const { address, host, headers } = partsOf(url)
  let id = 0

  async function post(method: string, params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
    const signal = AbortSignal.timeout(timeoutMs)
    let response: Response
    let text: string
    try {
      response = await fetch(address, { method: 'POST', headers, body, signal })
      text = await readText(response)
    } catch (cause) {
      if (cause instanceof AnswerTooLarge) throw badAnswer(method, cause)
      if (signal.aborted) throw new TimeoutError({ body: { method }, url: host })
      throw new HttpRequestError({ body: { method }, url: host, details: reasonOf(cause) })
    }
    return resultIn(response, text, method)
  }

  function resultIn({ ok, status }: Response, text: string, method: string): unknown {
    const envelope = parsed(text)
    const failed = Failed.safeParse(envelope)
    if (failed.success) throw new RpcRequestError({ body: { method }, error: failed.data.error, url: host })
    if (!ok) throw new HttpRequestError({ body: { method }, url: host, status })
    const answered = Answered.safeParse(envelope)
    if (!answered.success) throw badAnswer(method)
    return answered.data['result']
  }

  const badAnswer = (method: string, cause?: unknown) =>
    new NodeChainError(
      `The RPC endpoint ${host} did not answer ${method} in JSON-RPC`,
      { code: 'BAD_ANSWER', rpc: host, method },
      { cause },
    )

  return {
    host,
    async request(method, params) {
      for (let attempt = 0; ; attempt++) {
        try {
          return await post(method, params)
        } catch (err) {
          const failed = err instanceof HttpRequestError && err.status === undefined
          if (!failed || attempt >= retries) throw err
          await sleep(RETRY_PAUSE_MS * 2 ** attempt)
        }
      }
    },
  }
}

class AnswerTooLarge extends RangeError {}

async function readText({ body }: Response): Promise<string> {
  if (!body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new AnswerTooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What the system says of a connection that failed; it names no path. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error ? cause.cause : undefined
  const { code } = (inner ?? cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'connection failed'
}

function partsOf(url: string): { address: URL; host: string; headers: Record<string, string> } {
  const address = new URL(url)
  const { host, username, password } = address
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (username !== '' || password !== '') {
    const credentials = `${decoded(username)}:${decoded(password)}`
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`
    address.username = ''
    address.password = ''
  }
  return { address, host, headers }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // a lone % is itself
  }
}
