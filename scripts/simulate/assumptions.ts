/** Something that the network does not decide: a value to reckon with, the range over which it is swept, and why. */
export interface Assumption {
  readonly value: number
  readonly range: readonly [number, number]
  readonly unit: string
  readonly source: string
}

/** All that is assumed. What the network itself decides is read: facts.ts. A token is worth a dollar; a month has 30 days. */
export const ASSUMPTIONS = {
  gasPrice: {
    value: 0.05,
    range: [0.001, 100],
    unit: 'gwei',
    source:
      'a rollup: the floor of Arbitrum is 0.02, and as much again for its data; up to 100 is Ethereum in a rush',
  },
  coinPrice: {
    value: 3_000,
    range: [500, 10_000],
    unit: 'tokens a coin',
    source: 'ether between 2024 and 2026 cost about 1,500 to 4,900 dollars',
  },
  machine: {
    value: 20,
    range: [5, 100],
    unit: 'tokens a month',
    source:
      'list prices of virtual servers with 4 cores, 8 GB and 160 GB; 5 is a small computer at home with its electricity',
  },
  traffic: {
    value: 0.01,
    range: [0, 0.09],
    unit: 'tokens a GB',
    source: 'beyond what is included: 0.001 at Hetzner, 0.09 at large clouds',
  },
  core: {
    value: 7,
    range: [2, 30],
    unit: 'tokens a month for a core',
    source: 'the same servers, half of their price for four cores, kept busy a third of the time',
  },
  disk: {
    value: 0.05,
    range: [0.01, 0.15],
    unit: 'tokens a GB and month',
    source: 'block storage at list prices: 0.04 to 0.10',
  },
  interest: {
    value: 0.08,
    range: [0.02, 0.3],
    unit: 'a year',
    source:
      'what stake would bring elsewhere: more than bonds, less than the risk of a young network deserves',
  },
  lifetime: {
    value: 24,
    range: [3, 60],
    unit: 'months',
    source: 'over which an operator spreads its set-up',
  },
  operators: {
    value: 2_000,
    range: [1, 10_000],
    unit: 'operators',
    source: 'that share the network in what is reckoned by hand',
  },
  candidates: {
    value: 5_000,
    range: [3, 20_000],
    unit: 'operators',
    source: 'those who would run a node if it paid',
  },
  clients: { value: 2_000_000, range: [100, 2e7], unit: 'members', source: 'a network as large as Mastodon' },
  limit: {
    value: 20,
    range: [1, 600],
    unit: 'messages an epoch',
    source: 'what a person who chats needs: two a minute',
  },
  payingShare: {
    value: 0.1,
    range: [0, 1],
    unit: 'of the members',
    source: 'who uses more than is free; nobody knows',
  },
  paidPages: {
    value: 300,
    range: [0, 3_000],
    unit: 'pages a month',
    source: 'ten a day, by a member who pays',
  },
  pageBytes: {
    value: 28_000,
    range: [1_400, 140_000],
    unit: 'bytes',
    source: '20 messages of 1.4 kB; a page holds up to 100',
  },
  pageCpu: { value: 2, range: [1, 10], unit: 'ms of a core', source: 'npm run bench -- store' },
  messageBytes: {
    value: 1_400,
    range: [400, 150_000],
    unit: 'bytes',
    source: 'the smallest size that a chat pads to, and its envelope',
  },
  messageCpu: { value: 2.7, range: [1, 4], unit: 'ms of a core', source: 'npm run bench -- relay' },
  degree: { value: 6, range: [4, 12], unit: 'mesh peers', source: 'gossipsub, D' },
  exploring: {
    value: 0.05,
    range: [0, 1],
    unit: 'of paid requests',
    source: 'that a client gives to nodes it has no record of',
  },
  priceExponent: {
    value: 2,
    range: [0.5, 6],
    unit: '',
    source: 'a node that is twice as dear is chosen 2^-x as often',
  },
  carefree: {
    value: 0.05,
    range: [0, 0.5],
    unit: 'tokens a month',
    source: 'below which nobody minds what a bill is: prices that differ by less are as good as equal',
  },
  recordExponent: { value: 2, range: [0, 6], unit: '', source: 'the same, for delivered over promised' },
  forgetting: {
    value: 6,
    range: [1, 60],
    unit: 'months',
    source: 'after which a client tries a node again that served it badly',
  },
  reviewing: {
    value: 0.5,
    range: [0.01, 1],
    unit: 'a month',
    source:
      'of the members that a home serves badly name another: software that looks, people who do not update it',
  },
  quotaWorth: {
    value: 0.2,
    range: [0.01, 3],
    unit: 'tokens a month',
    source:
      'what the free quota of a serving home is worth to a member on average (200 pages), exponentially distributed',
  },
  growth: {
    value: 0.15,
    range: [0.02, 0.5],
    unit: 'a month',
    source: 'of the members of a young network that is liked',
  },
  horizon: {
    value: 24,
    range: [3, 60],
    unit: 'months',
    source: 'over which an operator compares what it could do',
  },
  reconsidering: {
    value: 0.1,
    range: [0.01, 1],
    unit: 'of the operators a month',
    source: 'think anew of what they do',
  },
  challenging: {
    value: 0.01,
    range: [0.0001, 1],
    unit: 'of the receipts',
    source:
      'that their client takes to court once in their term when it cannot get its bytes; one of a hundred who lost something',
  },
} as const satisfies Record<string, Assumption>

export type AssumptionName = keyof typeof ASSUMPTIONS
/** The numbers alone. */
export type Assumed = Readonly<Record<AssumptionName, number>>

/** The values to reckon with, some of them replaced. */
export function assumed(over: Partial<Assumed> = {}): Assumed {
  const entries = Object.entries(ASSUMPTIONS).map(([name, { value }]) => [name, value])
  return { ...(Object.fromEntries(entries) as Assumed), ...over }
}

/** `count` values over the range of an assumption, evenly or by equal factors. */
export function sweep(name: AssumptionName, count: number, from?: number, to?: number): number[] {
  const [low, high] = ASSUMPTIONS[name].range
  const [first, last] = [from ?? low, to ?? high]
  const logarithmic = first > 0 && last / first > 20
  return Array.from({ length: count }, (_, at) => {
    const part = at / (count - 1)
    return logarithmic ? first * (last / first) ** part : first + (last - first) * part
  })
}
