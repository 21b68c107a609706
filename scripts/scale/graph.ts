import type { Random } from '../simulate/random.ts'

/** Who is in whose mesh: the neighbours of node i are `to[first[i]]` to `to[first[i + 1] - 1]`. */
export interface Graph {
  readonly first: Int32Array
  readonly to: Int32Array
}

/** Tries to find another half for one that would join a node to itself, or twice to another. */
const SWAPS = 20
/** In larger graphs two nodes hardly ever find each other twice, and to look would take most of the time. */
const MOST_CHECKED = 100_000

/** A random graph whose degrees are drawn from `degrees`; halves that find no other are left out. */
export function randomGraph(nodes: number, degrees: readonly number[], random: Random): Graph {
  const halves: number[] = []
  for (let node = 0; node < nodes; node++) {
    const degree = Math.min(nodes - 1, degrees[random.below(degrees.length)]!)
    for (let half = 0; half < degree; half++) halves.push(node)
  }
  for (let at = halves.length - 1; at > 0; at--) swap(halves, at, random.below(at + 1))
  const joined = new Set<number>()
  const keyOf = (a: number, b: number) => (a < b ? a * nodes + b : b * nodes + a)
  const isFree = (a: number, b: number) => a !== b && !joined.has(keyOf(a, b))
  const isSmall = nodes <= MOST_CHECKED
  const edges: number[] = []
  for (let at = 0; at + 1 < halves.length; at += 2) {
    for (let tries = 0; tries < SWAPS && !isFree(halves[at]!, halves[at + 1]!); tries++)
      swap(halves, at + 1, at + 1 + random.below(halves.length - at - 1))
    if (!isFree(halves[at]!, halves[at + 1]!)) continue
    if (isSmall) joined.add(keyOf(halves[at]!, halves[at + 1]!))
    edges.push(halves[at]!, halves[at + 1]!)
  }
  return listed(nodes, edges)
}

function listed(nodes: number, edges: readonly number[]): Graph {
  const first = new Int32Array(nodes + 1)
  for (const node of edges) first[node + 1]!++
  for (let node = 0; node < nodes; node++) first[node + 1]! += first[node]!
  const to = new Int32Array(edges.length)
  const next = first.slice()
  for (let at = 0; at < edges.length; at += 2) {
    const [a, b] = [edges[at]!, edges[at + 1]!]
    to[next[a]!++] = b
    to[next[b]!++] = a
  }
  return { first, to }
}

function swap(values: number[], a: number, b: number): void {
  const value = values[a]!
  values[a] = values[b]!
  values[b] = value
}
