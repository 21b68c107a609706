import { bytesToHex } from '@noble/hashes/utils.js'
import { sameBytes } from './bytes.ts'
import { withoutExpired } from './skipped.ts'
import type { Session } from './session.ts'

/** Sessions with one device that are kept, so that what is still under way on older ones can be read. */
const MAX_SESSIONS = 5
const DAY = 86_400_000
/** Longer than any message waits in the stores. */
const MAX_IDLE_MS = 45 * DAY
/** How long a session that nothing came back on is preferred to older ones that work. */
const PATIENCE_MS = 7 * DAY

/** Later sessions first; both sides agree on it, since time and id are what both have in common. */
function laterFirst(a: Session, b: Session): number {
  return b.startedAt - a.startedAt || (bytesToHex(a.id) < bytesToHex(b.id) ? 1 : -1)
}

/**
 * The session to send on. Both sides choose the latest that they know, so that two that began at once come to the same one as
 * soon as each has heard from the other. A beginning that the other side could never read doesn't keep us forever.
 */
export function chosen(sessions: readonly Session[], now: number): Session | undefined {
  const ordered = sessions.filter(({ ratchet }) => ratchet.sending).sort(laterFirst)
  return ordered.find(({ pending, startedAt }) => !pending || startedAt + PATIENCE_MS > now) ?? ordered[0]
}

/** When a session that is begun now starts: later than all others, whatever the clocks say. */
export function startsAt(sessions: readonly Session[], now: number): number {
  return sessions.reduce((time, { startedAt }) => Math.max(time, startedAt + 1), now)
}

/** With `session` in the place of the one with its id, or beside the others; without what is too old or too much. */
export function withSession(
  sessions: readonly Session[],
  session: Session,
  now: number,
): { kept: Session[]; dropped: Session[] } {
  const all = [session, ...sessions.filter(({ ephemeral }) => !sameBytes(ephemeral, session.ephemeral))]
  const current = chosen(all, now)
  const rest = all.filter((one) => one !== current).sort((a, b) => b.usedAt - a.usedAt)
  const fresh = rest.filter(({ usedAt }) => usedAt + MAX_IDLE_MS > now).slice(0, MAX_SESSIONS - 1)
  const kept = current ? [current, ...fresh] : fresh
  return { kept: kept.map((one) => trimmed(one, now)), dropped: all.filter((one) => !kept.includes(one)) }
}

function trimmed(session: Session, now: number): Session {
  const skipped = withoutExpired(session.ratchet.skipped, Math.floor(now / 1_000))
  return skipped === session.ratchet.skipped
    ? session
    : { ...session, ratchet: { ...session.ratchet, skipped } }
}
