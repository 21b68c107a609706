const HASH_BYTES = 32
/** A place in a run fits 16 bits, the prefix of a hash beside it 32: together exactly a double. */
export const MAX_RUN = 65_536

/**
 * The `count` hashes at the front of `run`, joined, in ascending order: sorted by their first 32 bits together with their places, which
 * typed arrays do without a call a comparison; then the few that share these bits are put in order.
 */
export function sortRun(run: Buffer, count: number): Buffer {
  const keys = Float64Array.from(
    { length: count },
    (_, at) => run.readUInt32BE(at * HASH_BYTES) * MAX_RUN + at,
  )
  keys.sort()
  const places = Uint16Array.from(keys, (key) => key % MAX_RUN)
  for (let at = 1; at < count; at++) {
    const place = places[at]!
    let to = at
    while (to > 0 && compareAt(run, places[to - 1]!, place) > 0) {
      places[to] = places[to - 1]!
      to -= 1
    }
    places[to] = place
  }
  const sorted = Buffer.allocUnsafe(count * HASH_BYTES)
  for (const [at, place] of places.entries())
    run.copy(sorted, at * HASH_BYTES, place * HASH_BYTES, (place + 1) * HASH_BYTES)
  return sorted
}

function compareAt(run: Buffer, a: number, b: number): number {
  const [from, to] = [b * HASH_BYTES, (b + 1) * HASH_BYTES]
  return run.compare(run, from, to, a * HASH_BYTES, (a + 1) * HASH_BYTES)
}
