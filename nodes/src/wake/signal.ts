import { lookup } from 'node:dns'
import { request as overHttp } from 'node:http'
import { request as overTls } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { TeahouseError } from '@teahouse/protocol/errors'
import type { WakeConfig } from './config.ts'
import { isPublic } from './public-address.ts'
import type { Vapid } from './vapid.ts'

/** What became of a signal. `gone`: the push service knows the endpoint no more. */
export type Signalled = 'taken' | 'gone' | 'failed'

export type Signal = (endpoint: string) => Promise<Signalled>

/** How long a push service keeps a signal for a device that is off, in seconds. */
const TTL_SECONDS = 86_400

/** Whether a node calls an endpoint at all: https, and no address that is written out and not of the Internet. */
export function isCallable(endpoint: string, { allowPrivate }: Pick<WakeConfig, 'allowPrivate'>): boolean {
  const { protocol, hostname, username, password } = new URL(endpoint)
  if (username !== '' || password !== '') return false
  if (allowPrivate) return protocol === 'https:' || protocol === 'http:'
  const address = hostname.replace(/^\[|\]$/g, '')
  return protocol === 'https:' && (isIP(address) === 0 || isPublic(address))
}

/**
 * Sends a push message without a body (RFC 8030, 5): the same for every device and every message. Names are looked up at the moment of
 * connecting, and the connection goes to the address that was checked, so that a name can't lead elsewhere. Redirects are not followed; nothing
 * of the answer is read but its status.
 */
export function signals(config: WakeConfig, vapid: Vapid): Signal {
  return (endpoint) =>
    new Promise((resolve) => {
      if (!isCallable(endpoint, config)) return resolve('failed')
      const url = new URL(endpoint)
      const call = url.protocol === 'https:' ? overTls : overHttp
      const headers = {
        ...{ TTL: String(TTL_SECONDS), Urgency: 'normal', Topic: 'teahouse', 'Content-Length': '0' },
        Authorization: vapid.authorization(url),
      }
      const request = call(url, {
        ...{ method: 'POST', headers, agent: false, timeout: config.signalTimeoutMs },
        ...(!config.allowPrivate && { lookup: lookupPublic }),
        signal: AbortSignal.timeout(config.signalTimeoutMs),
      })
      request.on('response', (response) => {
        const { statusCode = 0 } = response
        response.destroy()
        if (statusCode >= 200 && statusCode < 300) resolve('taken')
        else resolve(statusCode === 404 || statusCode === 410 ? 'gone' : 'failed')
      })
      request.on('timeout', () => request.destroy())
      request.on('error', () => resolve('failed'))
      request.end()
    })
}

/** Finds only addresses of the Internet. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const found = error ? [] : addresses.filter(({ address }) => isPublic(address))
    const [first] = found
    if (!first)
      return callback(
        error ?? new TeahouseError('It has no address of the Internet', { code: 'NOT_PUBLIC' }),
        '',
        0,
      )
    if (options.all) return callback(null, found)
    callback(null, first.address, first.family)
  })
}
