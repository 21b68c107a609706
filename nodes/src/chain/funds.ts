import type { Address, PublicClient } from 'viem'
import { abis } from '@teahouse/protocol/chain'
import { inBackground } from '../background.ts'

/** What the node has on chain: coin for its own transactions, in wei, and the operator's stake, in the token's smallest unit. */
export interface Funds {
  readonly coinWei: bigint
  /** Undefined for a node that works for no operator. */
  readonly staked: bigint | undefined
  /** Milliseconds since it was read. */
  readonly ageMs: number
}

/** Milliseconds after which it is read again for whoever asks. */
const STALE_MS = 300_000
/** Milliseconds after which a failure is tried again. */
const RETRY_MS = 15_000

export interface FundsDeps {
  readonly client: Pick<PublicClient, 'getBalance' | 'readContract'>
  readonly staking: Address
  readonly node: Address
  readonly operatorId: number
  /** Milliseconds that never jump. */
  readonly now?: () => number
}

/** What was read last, at once; what is stale is read anew for the next that asks. Nobody asks, nothing is read. */
export function fundsReader({ client, staking, node, operatorId, now = () => performance.now() }: FundsDeps) {
  let known:
    { readonly coinWei: bigint; readonly staked: bigint | undefined; readonly at: number } | undefined
  let nextAt = -Infinity

  async function stakeOf(): Promise<bigint | undefined> {
    if (operatorId === 0) return undefined
    const args = [operatorId] as const
    const call = { address: staking, abi: abis.OperatorStaking, functionName: 'operator', args } as const
    return (await client.readContract(call)).staked
  }

  const reading = inBackground(async () => {
    nextAt = now() + RETRY_MS
    try {
      const [coinWei, staked] = await Promise.all([client.getBalance({ address: node }), stakeOf()])
      known = { coinWei, staked, at: now() }
      nextAt = now() + STALE_MS
    } catch {
      // The chain is away: health says so, and what was known stays known, with its age.
    }
  })

  return {
    read(): Funds | undefined {
      if (now() >= nextAt) reading.run(undefined)
      return known && { coinWei: known.coinWei, staked: known.staked, ageMs: now() - known.at }
    },
    idle: reading.idle,
  }
}
