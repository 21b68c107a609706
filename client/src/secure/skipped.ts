import { equalBytes } from '@noble/curves/utils.js'

/** The key of a message that has not come yet. */
export interface SkippedKey {
  readonly number: number
  /** When it was put aside, in seconds since 1970. */
  readonly at: number
  readonly key: Uint8Array
}

/** Skipped keys of one receiving chain, oldest first. */
export interface SkippedChain {
  readonly header: Uint8Array
  readonly keys: readonly SkippedKey[]
}

/** The most that a session keeps; the oldest go first. */
const MAX_SKIPPED = 1_000
/** Chains of which something is kept: each is one more key by which a session is recognised. */
const MAX_CHAINS = 32
/** As long as a message may wait in the stores, and a margin. */
const MAX_AGE_SECONDS = 35 * 86_400

export function findSkipped(
  chains: readonly SkippedChain[],
  header: Uint8Array,
  number: number,
): SkippedKey | undefined {
  const chain = chains.find((one) => equalBytes(one.header, header))
  return chain?.keys.find((key) => key.number === number)
}

export function withoutSkipped(
  chains: readonly SkippedChain[],
  header: Uint8Array,
  number: number,
): SkippedChain[] {
  return filtered(chains, (chain, key) => key.number !== number || !equalBytes(chain.header, header))
}

/** With more keys of a chain; without what is too much. */
export function keepSkipped(
  chains: readonly SkippedChain[],
  header: Uint8Array,
  keys: readonly SkippedKey[],
): readonly SkippedChain[] {
  if (keys.length === 0) return chains
  const same = chains.find((chain) => equalBytes(chain.header, header))
  const all = same
    ? chains.map((chain) => (chain === same ? { header, keys: [...chain.keys, ...keys] } : chain))
    : [...chains, { header, keys }]
  const latest = all.slice(-MAX_CHAINS)
  let excess = latest.reduce((sum, chain) => sum + chain.keys.length, -MAX_SKIPPED)
  return excess > 0 ? filtered(latest, () => excess-- <= 0) : latest
}

/** Without those that waited too long. `now` in seconds since 1970. */
export function withoutExpired(chains: readonly SkippedChain[], now: number): readonly SkippedChain[] {
  const fresh = (key: SkippedKey) => key.at + MAX_AGE_SECONDS > now
  return chains.every(({ keys }) => keys.every(fresh)) ? chains : filtered(chains, (_, key) => fresh(key))
}

function filtered(
  chains: readonly SkippedChain[],
  wanted: (chain: SkippedChain, key: SkippedKey) => boolean,
): SkippedChain[] {
  return chains
    .map((chain) => ({ ...chain, keys: chain.keys.filter((key) => wanted(chain, key)) }))
    .filter(({ keys }) => keys.length > 0)
}
