import { DRAIN_STATES } from '../../drain.ts'
import { states, value, values, type Metric } from '../metric.ts'

/** What the node has promised to keep or to do: blobs, receipts and challenges, the chain for others, waking devices, and its leaving. */
export const PROMISES: readonly Metric[] = [
  value(
    { name: 'teahouse_blobs', type: 'gauge', help: 'Blobs that are kept for a paid time' },
    ({ blobs }) => blobs.blobs,
  ),
  value(
    { name: 'teahouse_blob_bytes', type: 'gauge', help: 'Bytes of these blobs' },
    ({ blobs }) => blobs.bytes,
  ),
  value(
    {
      name: 'teahouse_receipts_issued_total',
      type: 'counter',
      help: 'Receipts signed: promises to keep something, for which the stake answers',
    },
    ({ courts }) => courts.receipts.issued,
  ),
  value(
    { name: 'teahouse_receipts_running', type: 'gauge', help: 'Receipts whose time is not over' },
    ({ courts }) => courts.receipts.running,
  ),
  values(
    {
      name: 'teahouse_challenges',
      type: 'gauge',
      help: 'Challenges of these receipts ever, by how they stand; unanswerable ones are among the open',
    },
    'state',
    ({ courts }) => courts.challenges,
  ),
  value(
    {
      name: 'teahouse_challenges_read_behind_seconds',
      type: 'gauge',
      help: 'Seconds of the chain for which challenges were not read yet',
    },
    ({ courts }) => courts.read.behindSeconds,
  ),
  values(
    {
      name: 'teahouse_chain_relay_total',
      type: 'counter',
      help: 'The chain for people without an endpoint: answers signed, and actions by what became of them',
    },
    'result',
    ({ chainRelay: { answered, relayed, refused, reverted } }) => ({ answered, relayed, refused, reverted }),
  ),
  values(
    {
      name: 'teahouse_chain_relay_wei_total',
      type: 'counter',
      help: 'What such actions cost the node key: spent in all, and lost of it on those that failed',
    },
    'event',
    ({ chainRelay }) => ({ spent: Number(chainRelay.spentWei), lost: Number(chainRelay.lostWei) }),
  ),
  value(
    { name: 'teahouse_wake_endpoints', type: 'gauge', help: 'Devices that the node wakes' },
    ({ wakes }) => wakes.endpoints,
  ),
  values(
    {
      name: 'teahouse_wake_signals_total',
      type: 'counter',
      help: 'Signals that wake devices: taken by the push service, failed, skipped for want of room, or to an endpoint that is gone',
    },
    'result',
    ({ wakes }) => wakes.signals,
  ),
  states(
    { name: 'teahouse_drain_state', help: 'How far the node is in leaving: 1 for the state it is in' },
    'state',
    DRAIN_STATES,
    ({ drain }) => [drain],
  ),
]
