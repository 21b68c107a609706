import {
  createPeerScoreParams,
  type PeerScore,
  type PeerScoreParams,
  type PeerScoreThresholds,
} from '@libp2p/gossipsub/score'

/** Milliseconds between two decays of what peers did: ten heartbeats. */
const DECAY_MS = 10_000
/** Milliseconds in which half of a counter is forgotten. Honest faults come less often, floods much more often. */
const HALF_LIFE_MS = 60_000
const DECAY = 0.5 ** (DECAY_MS / HALF_LIFE_MS)
/** Below this a counter is 0. */
const DECAY_TO_ZERO = 0.01
/** Milliseconds for which the score of a peer that left is kept as it was: as long as one that sends invalid proofs is refused. */
const RETAIN_MS = 600_000

/** Score of a peer for being in the mesh and for delivering first, each over all topics; together less than two invalid messages cost. */
const MOST_FOR_MESH = 10
const MOST_FOR_FIRST = 10
/** Score of a registered operator: it has stake to lose. Less than one invalid message costs. */
const FOR_OPERATOR = 5

/** A minute in the mesh is a step, ten are all of it. */
const MESH_STEP_MS = 60_000
const MESH_STEPS = 10
const FIRST_DELIVERIES = 10

/** What n invalid messages in about a minute cost: 10 · n². */
const INVALID_WEIGHT = -10
/** What peers above so many on one address cost each of them: 10 · surplus². */
const SAME_ADDRESS = 8
const SAME_ADDRESS_WEIGHT = -10
/** Slips of the gossip protocol that are free, beside two a topic: what a peer makes that was just started again. */
const FREE_SLIPS = 6
const SLIP_WEIGHT = -10

/** 4, 7 and 11 invalid messages in one topic in a minute. Nothing earns the last two. */
export const SCORE_THRESHOLDS: PeerScoreThresholds = {
  gossipThreshold: -100,
  publishThreshold: -400,
  graylistThreshold: -1_000,
  acceptPXThreshold: 100,
  opportunisticGraftThreshold: 1,
}

/** How peers are scored, for each of `topics` alike. Every number and its reason: docs/wire/relay.md. */
export function scoreParams(
  topics: readonly string[],
  isOperator: (peerId: string) => boolean = () => false,
): PeerScoreParams {
  const count = topics.length
  const topic = {
    topicWeight: 1,
    timeInMeshWeight: MOST_FOR_MESH / MESH_STEPS / count,
    timeInMeshQuantum: MESH_STEP_MS,
    timeInMeshCap: MESH_STEPS,
    firstMessageDeliveriesWeight: MOST_FOR_FIRST / FIRST_DELIVERIES / count,
    firstMessageDeliveriesDecay: DECAY,
    firstMessageDeliveriesCap: FIRST_DELIVERIES,
    // Nobody owes messages to a shard on which nobody may be speaking.
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
    invalidMessageDeliveriesWeight: INVALID_WEIGHT,
    invalidMessageDeliveriesDecay: DECAY,
  }
  return createPeerScoreParams({
    topics: Object.fromEntries(topics.map((name) => [name, topic as never])),
    topicScoreCap: MOST_FOR_MESH + MOST_FOR_FIRST,
    appSpecificScore: (peerId) => (isOperator(peerId) ? FOR_OPERATOR : 0),
    appSpecificWeight: 1,
    IPColocationFactorThreshold: SAME_ADDRESS,
    IPColocationFactorWeight: SAME_ADDRESS_WEIGHT,
    // Operators often run several nodes on one machine; a local network always does.
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
    behaviourPenaltyThreshold: FREE_SLIPS + 2 * count,
    behaviourPenaltyWeight: SLIP_WEIGHT,
    behaviourPenaltyDecay: DECAY,
    decayInterval: DECAY_MS,
    decayToZero: DECAY_TO_ZERO,
    retainScore: RETAIN_MS,
  })
}

/** Keeps the retained score of a peer that comes back; the library starts it anew, so that leaving for a moment would be enough. */
export function keepScores(book: PeerScore): void {
  const add = book.addPeer.bind(book)
  book.addPeer = (peerId) => {
    const known = book.peerStats.get(peerId)
    if (known === undefined) add(peerId)
    else known.connected = true
  }
}
