/** The areas of `npm test -- AREA…`, in the order in which they are shown. */
export const AREAS = ['contracts', 'rln', 'nodes', 'operator', 'market', 'client', 'deals', 'spine'] as const
export type Area = (typeof AREAS)[number]

/** What an area is about, for `--help`. */
export const ABOUT: Record<Area, string> = {
  contracts: 'the Solidity contracts, on a simulated chain',
  rln: 'identities, membership tree, proofs, and the circuits',
  nodes: 'wire format, chain handles, and the service node on the wire',
  operator: 'stake, keys and registration of an operator',
  market: 'vouchers, offers, metering and settlement, and the simulated economy',
  client: 'the SDK and the teahouse command',
  deals: 'money between people: escrow, its kit and evaluators, red envelopes',
  spine: 'the whole main job, walked with real processes, and the scripts',
}

/** Folder, or beginning of a name, to area; the longest that fits a file decides. */
const PREFIXES: Record<string, Area> = {
  'test/contracts/': 'contracts',
  'contracts/': 'contracts',
  'protocol/src/rln/': 'rln',
  'test/circuits/': 'rln',
  'test/browser/': 'rln',
  'test/browser/js-waku': 'nodes',
  'test/browser/status': 'operator',
  'test/browser/messenger': 'client',
  'test/bench/': 'rln',
  'protocol/': 'nodes',
  'nodes/': 'nodes',
  'test/fuzz/': 'nodes',
  'test/integration/nodes/': 'nodes',
  'nodes/src/operator/': 'operator',
  'ops/': 'operator',
  'test/integration/operator/': 'operator',
  'protocol/src/payments/': 'market',
  'nodes/src/payments/': 'market',
  'test/integration/market/': 'market',
  'scripts/simulate/': 'market',
  'client/': 'client',
  'cli/': 'client',
  'examples/': 'client',
  'test/integration/client/': 'client',
  'client/src/deals/': 'deals',
  'client/src/envelopes/': 'deals',
  'client/src/money/': 'deals',
  'protocol/src/envelopes/': 'deals',
  'cli/src/commands/deal/': 'deals',
  'test/integration/deals/': 'deals',
  'scripts/': 'spine',
  'test/integration/spine/': 'spine',
}

/** Files of other areas that a run of this one takes along: what the contracts do is the greater part of deals. */
const ALSO: Partial<Record<Area, RegExp>> = {
  deals:
    /^test\/contracts\/(.+\/)?(escrow|evaluator|erc792|adapter|envelope|redenvelope|gate|deal|cab-ride|exit-deals)/i,
}

/** Whether a run of `area` has a test file. */
export function isIn(file: string, area: Area): boolean {
  return areaOf(file) === area || ALSO[area]?.test(file) === true
}

export function isArea(name: string): name is Area {
  return (AREAS as readonly string[]).includes(name)
}

/** The area that a file belongs to by its path (`/`-separated, relative to the repository), or undefined. */
export function areaOf(file: string): Area | undefined {
  const prefix = Object.keys(PREFIXES)
    .filter((each) => file.startsWith(each))
    .sort((a, b) => b.length - a.length)[0]
  return prefix === undefined ? undefined : PREFIXES[prefix]
}
