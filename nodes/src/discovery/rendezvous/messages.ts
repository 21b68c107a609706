/** Message types and statuses of the libp2p rendezvous protocol. */
export const TYPE = {
  register: 0,
  registerResponse: 1,
  unregister: 2,
  discover: 3,
  discoverResponse: 4,
} as const

export const STATUS = {
  ok: 0,
  invalidNamespace: 100,
  invalidSignedPeerRecord: 101,
  invalidTtl: 102,
  invalidCookie: 103,
  notAuthorized: 200,
  internalError: 300,
  unavailable: 400,
} as const

/** The namespace of a shard (WAKU-RENDEZVOUS). */
export function namespaceOf(clusterId: number, shard: number): string {
  return `rs/${clusterId}/${shard}`
}

/** Largest request, and largest signed record in one, in bytes. */
export const MAX_REQUEST_BYTES = 4 * 1024
export const MAX_RECORD_BYTES = 3 * 1024
/** Registrations in one answer. */
export const MAX_REGISTRATIONS = 100
export const MAX_ANSWER_BYTES = MAX_REGISTRATIONS * (MAX_RECORD_BYTES + 512) + 1_024
