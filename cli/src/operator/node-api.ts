import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { CliError } from '../errors.ts'
import type { NodeConfig } from './folder.ts'

const TIMEOUT_MS = 5_000

/** The running node, over its HTTP API. */
export interface NodeApi {
  readonly url: string
  /** The answer as JSON, whatever its status. Throws CliError NODE_DOWN if nobody answers in time. */
  ask(path: string, init?: RequestInit, timeoutMs?: number): Promise<unknown>
  /** Whether somebody answers. */
  isUp(): Promise<boolean>
}

/** Where the configuration says that the node answers, with the token that it has made or was given. */
export function nodeApi({ api, dataDir }: NodeConfig, signal?: AbortSignal): NodeApi {
  const host = ['0.0.0.0', '::'].includes(api.host) ? '127.0.0.1' : api.host
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}:${api.port}`
  const token = async () =>
    api.token ?? (await readFile(api.tokenFile ?? join(dataDir, 'api.token'), 'utf8').catch(() => '')).trim()

  async function ask(path: string, init: RequestInit = {}, timeoutMs = TIMEOUT_MS): Promise<unknown> {
    const limit = AbortSignal.timeout(timeoutMs)
    const headers = { ...(init.headers as object), authorization: `Bearer ${await token()}` }
    try {
      const stop = signal ? AbortSignal.any([signal, limit]) : limit
      const response = await fetch(`${url}${path}`, { ...init, headers, signal: stop })
      return await response.json()
    } catch (cause) {
      signal?.throwIfAborted()
      throw new CliError(`The node gives no answer at ${url}`, { code: 'NODE_DOWN', apiUrl: url }, { cause })
    }
  }

  return {
    url,
    ask,
    isUp: () =>
      ask('/health').then(
        () => true,
        () => false,
      ),
  }
}
