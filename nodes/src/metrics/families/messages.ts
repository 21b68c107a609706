import { table, value, values, type Metric } from '../metric.ts'
import type { Counts } from '../readings.ts'

/** What becomes of messages: relay, proofs, archive, filter, sync, roots. */
export const MESSAGES: readonly Metric[] = [
  values(
    {
      name: 'teahouse_relay_messages_total',
      type: 'counter',
      help: 'Gossiped messages by what became of them',
    },
    'event',
    ({ relay }) => ({ received: 0, forwarded: 0, failed: 0, published: 0, ...relay }),
  ),
  values(
    {
      name: 'teahouse_relay_not_forwarded_total',
      type: 'counter',
      help: 'Valid messages that were kept and served, but not sent on for lack of upload',
    },
    'kind',
    ({ budgets }) => budgets.notForwarded,
  ),
  values(
    { name: 'teahouse_relay_mesh_peers', type: 'gauge', help: 'Peers in the gossip mesh of a shard' },
    'shard',
    ({ peers }) => Object.fromEntries(peers.mesh),
  ),
  table(
    {
      name: 'teahouse_rln_messages_total',
      type: 'counter',
      help: 'Validated messages by result (accept, ignore, reject) and reason, whatever way they came',
    },
    ['result', 'reason'],
    ({ rln: { accepted, ignored, rejected } }) => ({
      'accept OK': accepted,
      ...under('ignore', ignored),
      ...under('reject', rejected),
    }),
  ),
  value(
    {
      name: 'teahouse_rln_verifier_seconds_total',
      type: 'counter',
      help: 'Seconds of a core that verifying proofs took',
    },
    ({ budgets }) => budgets.proofs.usedSeconds,
  ),
  value(
    { name: 'teahouse_rln_verifier_cores', type: 'gauge', help: 'Cores that verifying proofs may take' },
    ({ budgets }) => budgets.proofs.cores ?? undefined,
  ),
  value(
    { name: 'teahouse_rln_verifier_waiting_proofs', type: 'gauge', help: 'Proofs that wait to be verified' },
    ({ rln }) => rln.waiting,
  ),
  value(
    { name: 'teahouse_rln_members', type: 'gauge', help: 'Memberships that the node knows of' },
    ({ rln }) => rln.members,
  ),
  value(
    {
      name: 'teahouse_rln_members_stuck_seconds',
      type: 'gauge',
      help: 'For how long the members could not be read up to the newest block',
    },
    ({ rln }) => rln.stuckMs / 1_000,
  ),
  values(
    { name: 'teahouse_rln_slash_cases', type: 'gauge', help: 'Memberships to slash, by state of the case' },
    'state',
    ({ rln }) => rln.slashed,
  ),
  value(
    {
      name: 'teahouse_archive_up',
      type: 'gauge',
      help: 'Whether the database of the archive answers; absent in profiles without one',
    },
    ({ archive: { state } }) => (state === 'none' ? undefined : Number(state === 'ok')),
  ),
  value(
    { name: 'teahouse_archive_messages', type: 'gauge', help: 'Messages in the archive' },
    ({ archive }) => archive.messages,
  ),
  values(
    {
      name: 'teahouse_archive_puts_total',
      type: 'counter',
      help: 'Messages given to the archive, by what became of them',
    },
    'result',
    ({ archive }) => ({ stored: 0, duplicate: 0, failed: 0, ...archive.puts }),
  ),
  {
    name: 'teahouse_archive_commit_seconds',
    type: 'histogram',
    labels: [],
    help: 'Seconds that writing a group of messages took',
    read: ({ archive }) => [{ value: archive.commitSeconds }],
  },
  value(
    { name: 'teahouse_filter_subscribers', type: 'gauge', help: 'Peers with a filter subscription' },
    ({ filter }) => filter.subscribers,
  ),
  value(
    { name: 'teahouse_filter_criteria', type: 'gauge', help: 'Content topics that somebody subscribed to' },
    ({ filter }) => filter.criteria,
  ),
  values(
    {
      name: 'teahouse_filter_pushes_total',
      type: 'counter',
      help: 'Messages pushed to subscribers, by result',
    },
    'result',
    ({ filter }) => ({ sent: 0, failed: 0, dropped: 0, ...filter.pushes }),
  ),
  values(
    {
      name: 'teahouse_sync_sessions_total',
      type: 'counter',
      help: 'Sessions with other archives, by their end',
    },
    'result',
    ({ sync: { done = 0, broken = 0 } }) => ({ done, broken }),
  ),
  values(
    {
      name: 'teahouse_sync_messages_total',
      type: 'counter',
      help: 'Messages of sessions with other archives: kept, refused as not valid, sent',
    },
    'event',
    ({ sync: { kept = 0, refused = 0, sent = 0 } }) => ({ kept, refused, sent }),
  ),
  values(
    {
      name: 'teahouse_roots_total',
      type: 'counter',
      help: 'Roots of an hour of a shard: recorded, and attempts that failed',
    },
    'result',
    ({ roots }) => ({ recorded: 0, failed: 0, ...roots }),
  ),
  values(
    {
      name: 'teahouse_lease_requests_total',
      type: 'counter',
      help: 'Requests for message ids: granted, taken by an earlier claim, refused',
    },
    'result',
    ({ leases }) => leases,
  ),
]

function under(result: string, counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).map(([reason, count]) => [`${result} ${reason}`, count]))
}
