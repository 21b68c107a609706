/** What people do, and how they are served; assumed, each to be argued with. */
export interface Assumed {
  readonly users: number
  readonly messagesPerUserDay: number
  /** The busiest second, of the mean one. */
  readonly peak: number
  /** Nodes that carry a shard. */
  readonly nodesPerShard: number
  /** Messages a second of a shard at its peak. */
  readonly messagesPerShard: number
  /** Nodes that keep a message, and for how many days. */
  readonly keepers: number
  readonly keptDays: number
  /** Share of the users that are connected at a time, each to so many nodes. */
  readonly online: number
  readonly nodesPerUser: number
}

export const ASSUMED: Assumed = {
  users: 1e9,
  messagesPerUserDay: 40,
  peak: 3,
  nodesPerShard: 50,
  messagesPerShard: 100,
  keepers: 10,
  keptDays: 30,
  online: 0.1,
  nodesPerUser: 2,
}

/** What a message costs a node that relays it. */
export interface MessageCost {
  readonly bytes: number
  readonly cpuMs: number
  readonly storedBytes: number
}

/** A node's part, at the peak where it is a rate. */
export interface Load {
  readonly nodes: number
  readonly messagesPerSecond: number
  readonly shards: number
  readonly shardsPerNode: number
  /** Each way. */
  readonly megabitsPerSecond: number
  readonly cores: number
  readonly diskBytes: number
  readonly userConnections: number
}

const DAY_SECONDS = 86_400

/** What each of so many nodes carries, if the load is spread evenly. */
export function loadOf(
  nodes: number,
  { bytes, cpuMs, storedBytes }: MessageCost,
  assumed: Assumed = ASSUMED,
): Load {
  const perDay = assumed.users * assumed.messagesPerUserDay
  const atPeak = (perDay / DAY_SECONDS) * assumed.peak
  const shards = Math.ceil(atPeak / assumed.messagesPerShard)
  const shardsPerNode = (shards * assumed.nodesPerShard) / nodes
  const messagesPerSecond = shardsPerNode * assumed.messagesPerShard
  return {
    nodes,
    messagesPerSecond,
    shards,
    shardsPerNode,
    megabitsPerSecond: (messagesPerSecond * bytes * 8) / 1e6,
    cores: (messagesPerSecond * cpuMs) / 1_000,
    diskBytes: (perDay * assumed.keptDays * assumed.keepers * storedBytes) / nodes,
    userConnections: (assumed.users * assumed.online * assumed.nodesPerUser) / nodes,
  }
}
