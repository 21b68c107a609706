import { histogram } from '../../histogram.ts'
import type { Readings } from '../readings.ts'

const seconds = histogram()
for (const value of [0.002, 0.2, 20]) seconds.observe(value)

/** A node that has something to tell of everything. */
export const READINGS: Readings = {
  version: '1.2.3',
  profile: 'full',
  parts: ['relay'],
  health: { status: 'degraded', problems: ['CHAIN_AWAY'] },
  process: {
    startedAt: 1_700_000_000,
    cpuSeconds: 12.5,
    residentBytes: 250e6,
    heapBytes: 60e6,
    externalBytes: 5e6,
    openFiles: 40,
    loopActiveSeconds: 3,
    loopDelay: new Map([
      [0.5, 0.001],
      [0.99, 0.02],
    ]),
  },
  peers: {
    connections: { inbound: 3, outbound: 2 },
    operators: 2,
    madeRoom: 1,
    bans: 0,
    mesh: new Map([
      [0, 4],
      [7, 0],
    ]),
    certificateExpiresAt: 1_800_000_000,
  },
  requests: new Map([
    ['/vac/waku/store-query/3.0.0', { seconds: seconds.read(), refused: { 429: 2 }, dropped: 1 }],
  ]),
  http: { answers: { 'GET /info 200': 3, 'GET none 404': 1 }, seconds: seconds.read() },
  relay: { received: 9, forwarded: 7 },
  filter: { subscribers: 2, criteria: 5, pushes: { sent: 4 } },
  rln: {
    accepted: 7,
    ignored: { DUPLICATE: 2 },
    rejected: { INVALID_PROOF: 1 },
    slashed: { found: 1 },
    waiting: 3,
    members: 12,
    stuckMs: 1_500,
  },
  archive: { state: 'ok', messages: 11, puts: { stored: 11 }, commitSeconds: seconds.read() },
  payments: {
    credited: 10n,
    collected: 4n,
    pending: 5n,
    lost: 1n,
    charges: { 'store-query paid': 2, 'lightpush free': 1 },
    vouchers: { booked: 1, WRONG_EPOCH: 1 },
    settlements: { settled: 1 },
  },
  chain: {
    head: 100,
    headTime: 1_700_000_000,
    silentMs: 250,
    endpoints: [
      { host: 'a', state: 'ok', lag: 0 },
      { host: 'b', state: 'lagging', lag: 9 },
    ],
    quorum: 2,
    transactions: { mined: 3 },
    feesWei: 10n ** 15n,
  },
  funds: { coinWei: 10n ** 18n, staked: 100_000_000n, ageMs: 2_000 },
  discovery: { candidates: { registry: 3 }, dials: { reached: 2 }, failures: { kademlia: 1 } },
  budgets: {
    upload: { limit: 1_000_000, total: 5, perSecond: 1 },
    download: { limit: 2_000_000, total: 6, perSecond: 1 },
    disk: { limit: 1e9, used: 1e6, free: 1e10, refused: 1 },
    connections: { limit: 300, open: 5 },
    proofs: { cores: 0.5, usedSeconds: 1.5 },
    notForwarded: { lasting: 1, ephemeral: 2 },
  },
  leases: { granted: 1, taken: 0, refused: 2 },
  blobs: { blobs: 3, bytes: 3_000_000 },
  courts: {
    receipts: { issued: 4, running: 3 },
    challenges: { open: 1, unanswerable: 1, answered: 2, convicted: 0, lapsed: 0, undone: 0 },
    read: { block: 99, behindSeconds: 2 },
  },
  chainRelay: { answered: 5, relayed: 2, refused: 1, reverted: 1, spentWei: 10n ** 15n, lostWei: 10n ** 14n },
  drain: 'serving',
  roots: { recorded: 8 },
  sync: { done: 2, kept: 4 },
  wakes: { endpoints: 3, signals: { taken: 9, gone: 1, failed: 2, skipped: 0 } },
}

/** A node that has just started, without a limit, an archive or an operator. */
export const BARE: Readings = {
  ...READINGS,
  profile: 'edge',
  health: { status: 'down', problems: ['MEMBERS_UNKNOWN', 'NO_PEERS'] },
  process: { ...READINGS.process, openFiles: undefined, loopDelay: new Map() },
  peers: { ...READINGS.peers, mesh: new Map(), certificateExpiresAt: undefined },
  requests: new Map(),
  relay: {},
  archive: { state: 'none', puts: {}, commitSeconds: histogram().read() },
  funds: undefined,
  budgets: {
    ...READINGS.budgets,
    upload: { limit: null, total: 0, perSecond: 0 },
    download: { limit: null, total: 0, perSecond: 0 },
    disk: { limit: null, used: 0, free: 1, refused: 0 },
  },
  roots: {},
  sync: {},
}
