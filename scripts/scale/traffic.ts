/** What gossip is set to, and the bytes that its frames and those around them take. */
export interface Traffic {
  readonly nodes: number
  /** Mean mesh size, and mean number of connections. */
  readonly mesh: number
  readonly connections: number
  readonly messageBytes: number
  readonly topicBytes: number
  /** Messages a second. */
  readonly rate: number
}

/** Heartbeats in which a message is told of, seconds between them; peers told at least, and their share of those outside the mesh. */
const GOSSIP = { heartbeats: 3, everySeconds: 1, leastPeers: 6, share: 0.25 } as const
/** A message id with its protobuf head; sha256. */
const ID_BYTES = 34
/** Yamux' header, noise's length and tag, the frame's length and protobuf heads. */
const FRAME_BYTES = 12 + 18 + 12

/** Copies of a message that a node receives: everybody sends to its mesh but not back, and the first node to all that it knows. */
export function copies({
  nodes,
  mesh,
  connections,
}: Pick<Traffic, 'nodes' | 'mesh' | 'connections'>): number {
  return (connections + (nodes - 1) * (mesh - 1)) / nodes
}

/** Bytes that a node receives for a message: its copies, and the gossip about it. TCP and IP headers are not counted. */
export function bytesPerMessage(traffic: Traffic): number {
  const { mesh, connections, messageBytes, topicBytes, rate } = traffic
  const outside = Math.max(0, connections - mesh)
  const told = Math.min(outside, Math.max(GOSSIP.leastPeers, GOSSIP.share * outside))
  const framesPerMessage = Math.min(GOSSIP.heartbeats, 1 / (rate * GOSSIP.everySeconds))
  const gossip = told * (GOSSIP.heartbeats * ID_BYTES + framesPerMessage * (FRAME_BYTES + topicBytes))
  return copies(traffic) * (messageBytes + topicBytes + FRAME_BYTES) + gossip
}
