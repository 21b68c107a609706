import { formatAmount, type OperatorState } from '@teahouse/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  certificateDays,
  daysJson,
  diskDays,
  gasDays,
  membershipDays,
  offerDays,
  stakeDays,
  type DaysLeft,
} from '../../operator/days-left.ts'
import { openFolder, type FolderFlags, type OpenedFolder } from '../../operator/folder.ts'
import { nodeApi } from '../../operator/node-api.ts'
import { asReader } from '../../operator/owner.ts'
import type { Session } from '../../session.ts'
import { joined, say, type Text } from '../../texts/say.ts'

/** What is shown of a node's `/info`. */
const Info = z.looseObject({
  profile: z.string(),
  peers: z.array(z.string()),
  shards: z.number(),
  relayShards: z.array(z.number()),
  chain: z.looseObject({ head: z.number(), members: z.number(), state: z.string() }),
  archive: z.looseObject({ state: z.string(), messages: z.number().optional() }),
  forgotten: z
    .looseObject({
      messages: z.number(),
      denyLists: z.array(z.looseObject({ name: z.string(), hashes: z.number() })),
    })
    .optional(),
  budgets: z.looseObject({
    upload: z.looseObject({ perSecond: z.number() }),
    download: z.looseObject({ perSecond: z.number() }),
    disk: z.looseObject({ used: z.number(), free: z.number(), limit: z.number().nullable() }),
  }),
  payments: z.looseObject({
    credited: z.coerce.bigint(),
    collected: z.coerce.bigint(),
    pending: z.coerce.bigint(),
    lost: z.coerce.bigint().default(0n),
  }),
  rln: z.looseObject({ accepted: z.number() }),
})
const Health = z.looseObject({ status: z.string(), problems: z.array(z.string()) })
type Info = z.output<typeof Info>

const WATCH_MS = 2_000

/** How this operator and its node are; with `watch`, again every two seconds until Ctrl-C. */
export async function ownStatus(session: Session, flags: FolderFlags & { watch?: boolean }): Promise<void> {
  const { output, world } = session
  const opened = await openFolder(session, flags)
  for (;;) {
    const found = await look(opened, world.signal)
    const clear = flags.watch && world.stdout.isTTY && !output.json ? ['\u001b[2J\u001b[H'] : []
    output.result({ ...found, daysLeft: daysJson(found.daysLeft) }, [...clear, ...lines(found)])
    if (!flags.watch) return
    await sleep(WATCH_MS, undefined, { signal: world.signal }).catch(() => undefined)
    if (world.signal.aborted) return
  }
}

type Found = Awaited<ReturnType<typeof look>>

async function look(opened: OpenedFolder, signal: AbortSignal) {
  const { config, operator } = opened
  const desk = await asReader(opened)
  const id = config.operatorId
  const chain: OperatorState | undefined = id === 0 ? undefined : await desk.state(id)
  const { timestamp: now } = await desk.head()
  const api = nodeApi(config, signal)
  const info = await api.ask('/info').then(
    (answer) => Info.parse(answer),
    () => undefined,
  )
  const health = info && Health.parse(await api.ask('/health'))
  const key = await desk.balances(operator.node)
  const payee = await desk.balances(operator.payee)
  const left = await daysLeft(opened, { desk, chain, info, now, coins: key.coins })
  return {
    operatorId: id,
    node: operator.node,
    peerId: operator.peerId,
    apiUrl: api.url,
    ...(health && { health }),
    ...(info && { info }),
    ...(chain && { chain }),
    nodeCoins: key.coins,
    payee: { address: operator.payee, tokens: payee.tokens },
    daysLeft: left,
  }
}

interface LookedAt {
  readonly desk: Awaited<ReturnType<typeof asReader>>
  readonly chain: OperatorState | undefined
  readonly info: Info | undefined
  readonly now: number
  readonly coins: bigint
}

async function daysLeft(
  { config, operator }: OpenedFolder,
  { desk, chain, info, now, coins }: LookedAt,
): Promise<Partial<Record<keyof typeof LEFT, DaysLeft>>> {
  const { readIdentity } = await import('@teahouse/nodes')
  const { identityFile } = config.rln
  const commitment = identityFile === undefined ? undefined : (await readIdentity(identityFile)).commitment
  const expiry = commitment === undefined ? undefined : await desk.memberUntil(commitment)
  const sent = chain ? await desk.activity(chain.id, operator.node) : { transactions: 0, since: 0 }
  return {
    gas: gasDays({ coins, gasPrice: await desk.gasPrice(), ...sent, now }),
    ...(chain && { stake: stakeDays({ ...chain, now }) }),
    membership: membershipDays(expiry, now),
    certificate: await certificateDays(config, now),
    offers: offerDays(config, info !== undefined),
    ...(info && { disk: await diskDays(config, info.budgets.disk, now) }),
  }
}

function lines({
  operatorId,
  node,
  peerId,
  apiUrl,
  health,
  info,
  chain,
  nodeCoins,
  payee,
  daysLeft: left,
}: Found): Text[] {
  return [
    say`Operator ${operatorId || say`none yet: teahouse node stake`}`,
    say`Node     ${peerId}, ${node}, ${formatAmount(nodeCoins, 18)} coins`,
    ...(info ? infoLines(info, health) : [say`State    down: no answer at ${apiUrl}`]),
    ...(chain ? chainLines(chain) : []),
    say`Payee    ${payee.address}, ${formatAmount(payee.tokens)} tokens`,
    ...Object.entries(left).map(([what, found]) => leftLine(what as keyof typeof LEFT, found)),
  ]
}

const LEFT = {
  gas: say`gas        `,
  stake: say`stake      `,
  membership: say`membership `,
  certificate: say`certificate`,
  offers: say`offers     `,
  disk: say`disk       `,
} as const

function leftLine(what: keyof typeof LEFT, { days, because }: DaysLeft): Text {
  if (days === null) return say`Left     ${LEFT[what]}      no end  ${because}`
  return say`Left     ${LEFT[what]}  ${String(days).padStart(5)} days  ${because}`
}

function infoLines(info: Info, health: Found['health']): Text[] {
  const { profile, peers, shards, relayShards, chain, archive, budgets, payments, rln } = info
  const problems = health && health.problems.length > 0 ? `: ${health.problems.join(', ')}` : ''
  return [
    say`State    ${health?.status ?? ''}${problems}; ${profile}, ${peers.length} peers, ${relayShards.length} of ${shards} shards`,
    say`Chain    block ${chain.head}, ${chain.members} members, ${chain.state}`,
    say`Rates    ${budgets.upload.perSecond} B/s up, ${budgets.download.perSecond} B/s down, ${rln.accepted} messages accepted`,
    say`Archive  ${archive.messages ?? say`no`} messages, ${budgets.disk.used.toLocaleString('en')} bytes on disk`,
    ...forgottenLines(info),
    say`Earned   ${formatAmount(payments.credited)} tokens by vouchers: ${formatAmount(payments.collected)} collected, ${formatAmount(payments.pending)} to come`,
    ...(payments.lost > 0n
      ? [
          say`Lost     ${formatAmount(payments.lost)} tokens: payers closed their channels before their vouchers were collected`,
        ]
      : []),
  ]
}

function forgottenLines({ forgotten }: Info): Text[] {
  if (!forgotten || (forgotten.messages === 0 && forgotten.denyLists.length === 0)) return []
  const lists = forgotten.denyLists.map(({ name, hashes }) => say`, ${name} names ${hashes}`)
  return [say`Forgot   ${forgotten.messages} messages${joined(lists)}`]
}

function chainLines({
  staked,
  minimum,
  thawing,
  delegated,
  announced,
  bound,
  goodSince,
}: OperatorState): Text[] {
  const facts = [
    goodSince > 0 ? say`in good standing` : say`not in good standing`,
    announced ? say`, announced` : say`, not announced`,
    ...(bound ? [] : [say`, its node key works for another operator`]),
  ]
  const more = [
    ...(thawing > 0n ? [say`, ${formatAmount(thawing)} thawing`] : []),
    ...(delegated > 0n ? [say`, ${formatAmount(delegated)} of others`] : []),
  ]
  return [
    say`Stake    ${formatAmount(staked)} tokens (at least ${formatAmount(minimum)})${joined(more)}; ${joined(facts)}`,
  ]
}
