import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { AnswerError } from './errors.ts'
import type { Access } from './route.ts'

export interface AccessRules {
  /** Whether who can reach the API may use it: it listens on loopback, and nothing lets others in there. */
  readonly trusted: boolean
  readonly token: string
  readonly allowOrigins: readonly string[]
  readonly allowHosts: readonly string[]
}

/** Decides by a request's headers whether it is answered. All throw AnswerErrors. */
export interface Gate {
  /** Against DNS rebinding and web pages: the Host must be an address or a known name, the Origin an allowed one. */
  checkSource(headers: IncomingHttpHeaders): void
  /** The Origin, if it is one that may read the answer. */
  readableBy(headers: IncomingHttpHeaders): string | undefined
  /** 401 without the token where it is needed. */
  checkToken(headers: IncomingHttpHeaders, access: Access): void
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

export function gate({ trusted, token, allowOrigins, allowHosts }: AccessRules): Gate {
  const expected = digest(token)

  function readableBy({ origin }: IncomingHttpHeaders): string | undefined {
    return origin !== undefined && allowOrigins.includes(origin) ? origin : undefined
  }

  return {
    readableBy,
    checkSource(headers) {
      // A page can make its own name point here, but not an address.
      const name = hostName(headers.host ?? '')
      if (isIP(name) === 0 && name !== 'localhost' && !allowHosts.includes(name)) {
        const what = 'This Host is not known here; add it to "api.allowHosts", or ask by address'
        throw new AnswerError(403, 'HOST_REFUSED', what)
      }
      // Requests that a page sends without an Origin are marked by the browser.
      const site = headers['sec-fetch-site']
      const fromPage =
        (headers.origin !== undefined && !isOwnOrigin(headers)) ||
        site === 'cross-site' ||
        site === 'same-site'
      if (fromPage && readableBy(headers) === undefined) {
        const what = 'Web pages of this origin may not ask; add it to "api.allowOrigins" if they should'
        throw new AnswerError(403, 'ORIGIN_REFUSED', what)
      }
    },
    checkToken({ authorization = '' }, access) {
      if (access === 'open' || (access === 'guarded' && trusted)) return
      const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
      // Digests have one length, so that the comparison tells nothing.
      if (given === undefined || !timingSafeEqual(digest(given), expected)) {
        throw new AnswerError(401, 'UNAUTHORIZED', 'The token of "Authorization: Bearer" is missing or wrong')
      }
    },
  }
}

/** Whether a request comes from the node's own page, of the very host and port that it asks; the Host was checked before. */
function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}

/** The Host header without its port and the brackets of an IPv6 address, in lower case. */
function hostName(host: string): string {
  const [, address, name] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? []
  return address ?? name ?? ''
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
