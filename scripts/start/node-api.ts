import { z } from 'zod'
import { isAddress, type Address } from 'viem'

const AddressText = z.custom<Address>((value) => typeof value === 'string' && isAddress(value))

/** The part of a node's `/info` that the walk looks at. */
const NodeInfo = z.object({
  operator: z.object({ id: z.int(), node: AddressText }),
  peerId: z.string(),
  multiaddrs: z.array(z.string()),
  peers: z.array(z.string()),
  chain: z.object({ members: z.int(), root: z.string() }),
  archive: z.object({ messages: z.int() }),
  payments: z.object({ collected: z.coerce.bigint(), pending: z.coerce.bigint() }),
  rln: z.object({
    accepted: z.int(),
    ignored: z.record(z.string(), z.int()),
    rejected: z.record(z.string(), z.int()),
    slashed: z.array(z.object({ holder: AddressText, state: z.string() })),
  }),
})
export type NodeInfo = z.output<typeof NodeInfo>

const TIMEOUT_MS = 5_000

/** Asks a running node about itself. Throws what fetch and zod throw. */
export async function nodeInfo(apiUrl: string): Promise<NodeInfo> {
  const answer = await fetch(`${apiUrl}/info`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return NodeInfo.parse(await answer.json())
}

/** 'ok', 'degraded' or 'down', in the node's own words. */
export async function nodeHealth(apiUrl: string): Promise<string> {
  const answer = await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return z.object({ status: z.string() }).parse(await answer.json()).status
}
