/** Peers that sent what only a faulty or hostile peer sends. */
export interface Offenders {
  /** Notes an offence. True if it is the one after which the peer is refused. */
  blame(peerId: string): boolean
  /** Whether connections of the peer are refused at present. */
  isRefused(peerId: string): boolean
}

export interface OffendersConfig {
  /** Offences within `windowMs` after which a peer is refused for `refusalMs`. */
  readonly limit: number
  readonly windowMs: number
  readonly refusalMs: number
}

interface Record {
  since: number
  count: number
  refusedUntil: number
}

/** Peers that are remembered; the one whose last offence is oldest is forgotten first. */
const MAX_PEERS = 4_096

/** Counts offences by peer. A new peer id is free, so this ends a flood and does not keep its sender away for good. */
export function offenderBook(
  { limit, windowMs, refusalMs }: OffendersConfig,
  now: () => number = () => performance.now(),
): Offenders {
  const records = new Map<string, Record>()

  return {
    blame(peerId) {
      const time = now()
      const known = records.get(peerId)
      const record =
        known && time - known.since < windowMs ? known : { since: time, count: 0, refusedUntil: 0 }
      records.delete(peerId)
      records.set(peerId, record)
      if (records.size > MAX_PEERS) records.delete(records.keys().next().value!)
      record.count++
      if (record.count !== limit) return false
      record.refusedUntil = time + refusalMs
      return true
    },
    isRefused: (peerId) => (records.get(peerId)?.refusedUntil ?? 0) > now(),
  }
}
