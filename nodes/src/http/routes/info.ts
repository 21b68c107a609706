import { z } from 'zod'
import { PROFILES } from '../../profile/profiles.ts'
import { BudgetsOut } from '../budgets.ts'
import type { NodeInfo } from '../info.ts'
import { ok, route, type Route, type RouteFacts } from '../route.ts'

const Wei = z.string().regex(/^\d+$/).describe('Wei')
const Amount = z.string().regex(/^\d+$/).describe("Of the token's smallest unit")
const HexText = z.string().regex(/^0x[0-9a-fA-F]+$/)
const Counts = z.record(z.string(), z.int())

const EndpointOut = z.strictObject({
  host: z.string().describe('Host and port'),
  state: z.enum(['new', 'ok', 'away', 'garbage', 'lagging', 'contradicts', 'wrong chain']),
  lag: z.int().optional().describe('Blocks behind what a quorum agrees on'),
})

const CourtsOut = z.strictObject({
  receipts: z.strictObject({ issued: z.int(), running: z.int() }).describe('Signed since the start; running'),
  challenges: z
    .strictObject({
      open: z.int(),
      unanswerable: z.int().describe('Of the open ones: the content is not here, or the time is over'),
      answered: z.int(),
      convicted: z.int(),
      lapsed: z.int(),
      undone: z.int(),
    })
    .describe('Ever, before the retrieval court; those of watched operators too'),
  read: z
    .strictObject({ block: z.int().optional(), behindSeconds: z.int() })
    .describe('Up to which block challenges were read; seconds of the chain that it is behind'),
})

const InfoOut = z
  .strictObject({
    operator: z.strictObject({ id: z.int(), node: HexText, payee: HexText.optional() }),
    funds: z
      .strictObject({ coinWei: Amount, staked: Amount.optional(), ageSeconds: z.int() })
      .optional()
      .describe("Coin of the node key and the operator's stake, read every few minutes for whoever asks"),
    peerId: z.string(),
    multiaddrs: z.array(z.string()),
    profile: z.enum(PROFILES),
    parts: z.array(z.string()).describe('What runs of the parts that a profile has or has not'),
    enr: z.string().describe('The node record (EIP-778)'),
    clusterId: z.int(),
    shards: z.int().describe('Of the network'),
    relayShards: z.array(z.int()).describe('Those that this node relays, keeps and serves'),
    peers: z.array(z.string()),
    chain: z.strictObject({
      chainId: z.int(),
      head: z.int(),
      root: HexText,
      members: z.int(),
      ledger: HexText,
      state: z.enum(['behind', 'ready', 'mismatch']),
      endpoints: z.array(EndpointOut).readonly().describe('The RPC endpoints that the chain is asked by'),
    }),
    archive: z.strictObject({
      state: z.enum(['ok', 'away', 'none']).describe('none: the profile has no archive'),
      messages: z.int().optional(),
    }),
    forgotten: z
      .strictObject({
        messages: z.int(),
        denyLists: z.array(z.strictObject({ name: z.string(), hashes: z.int() })).readonly(),
      })
      .describe('Messages that the operator has had the node forget, and the deny lists that it keeps to'),
    budgets: BudgetsOut,
    payments: z.strictObject({ credited: Amount, collected: Amount, pending: Amount, lost: Amount }),
    leases: z
      .strictObject({ granted: z.int(), taken: z.int(), refused: z.int() })
      .describe('Requests for message ids since the start'),
    courts: CourtsOut,
    chainRelay: z
      .strictObject({
        answered: z.int(),
        relayed: z.int(),
        refused: z.int(),
        reverted: z.int(),
        spentWei: Wei,
        lostWei: Wei,
      })
      .describe('Answers about the chain, and transactions sent for people, since the start'),
    rln: z.strictObject({
      accepted: z.int(),
      ignored: Counts,
      rejected: Counts,
      slashed: z.array(
        z.strictObject({
          commitment: HexText,
          holder: HexText,
          state: z.string(),
          transactionHash: HexText.optional(),
        }),
      ),
    }),
  })
  .meta({ id: 'Info' })

/** The part of it that the Waku REST API knows. */
const WakuInfoOut = z
  .strictObject({ listenAddresses: z.array(z.string()), enrUri: z.string() })
  .meta({ id: 'WakuInfo' })

export interface InfoRoutesDeps {
  readonly info: () => Promise<NodeInfo>
  /** What was credited and collected, as CSV. */
  readonly ledger: () => Promise<string>
  readonly version: string
}

export function infoRoutes({ info, ledger, version }: InfoRoutesDeps): Route[] {
  const facts = { method: 'GET', tag: 'info', access: 'guarded' } as const
  const versionAt = (path: string, id: string): Route => {
    const answers: RouteFacts['answers'] = { 200: { description: 'Name and version.' } }
    const summary = 'Which software this is'
    return route({ ...facts, path, id, summary, answers }, () => ok(`teahouse ${version}`))
  }
  return [
    route(
      {
        ...facts,
        path: '/info',
        id: 'getInfo',
        summary: 'Who the node is, what it knows, keeps, earned and refused',
        answers: { 200: { description: 'Its state.', schema: InfoOut } },
      },
      async () => ok(showInfo(await info())),
    ),
    route(
      {
        ...facts,
        path: '/debug/v1/info',
        id: 'getDebugInfo',
        summary: 'Where the node can be reached, as the Waku REST API tells it',
        answers: { 200: { description: 'Its addresses.', schema: WakuInfoOut } },
      },
      async () => {
        const { multiaddrs, enr } = await info()
        return ok({ listenAddresses: multiaddrs, enrUri: enr })
      },
    ),
    route(
      {
        ...facts,
        path: '/ledger',
        id: 'getLedger',
        summary:
          'What each payer was credited by day, and each payment on chain with its transaction, as CSV',
        answers: { 200: { description: 'Lines of day, payer, epoch, credited, collected, transaction.' } },
      },
      async () => ok(await ledger()),
    ),
    versionAt('/version', 'getVersion'),
    versionAt('/debug/v1/version', 'getDebugVersion'),
  ]
}

function showInfo({ payments, funds, chainRelay, ...info }: NodeInfo): z.input<typeof InfoOut> {
  const { credited, collected, pending, lost } = payments
  const { spentWei, lostWei, ...counts } = chainRelay
  return {
    ...info,
    chainRelay: { ...counts, spentWei: `${spentWei}`, lostWei: `${lostWei}` },
    ...(funds ? { funds: showFunds(funds) } : {}),
    payments: { credited: `${credited}`, collected: `${collected}`, pending: `${pending}`, lost: `${lost}` },
  }
}

function showFunds({ coinWei, staked, ageSeconds }: NonNullable<NodeInfo['funds']>) {
  return { coinWei: `${coinWei}`, ...(staked === undefined ? {} : { staked: `${staked}` }), ageSeconds }
}
