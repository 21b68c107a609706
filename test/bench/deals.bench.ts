import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import { dealFlows } from './tools/deal-flows.ts'
import { envelopeFlows } from './tools/envelope-flows.ts'
import { gasChain, type Flow } from './tools/gas-chain.ts'
import { gasTable } from './tools/gas-table.ts'

/**
 * What others take for the same purpose, whole transactions with the approval given and storage in use: measured before on their contracts, since
 * none comes as a package.
 * - commerce-payments: `authorize` and `capture` of AuthCaptureEscrow, github.com/base/commerce-payments.
 * - Kleros: `createTransaction` and `pay` of MultipleArbitrableTokenTransaction, github.com/kleros/kleros-interaction.
 * - HappyRedPacket: `create_red_packet` and `claim` of Mask's red packets, github.com/DimensionDev/RedPacket.
 */
const PEERS = {
  fund: { 'commerce-payments authorize': 155_700, 'Kleros createTransaction': 166_300 },
  release: { 'commerce-payments capture': 69_900, 'Kleros pay': 53_800 },
  deal: { 'commerce-payments': 155_700 + 69_900, Kleros: 166_300 + 53_800 },
  create: { HappyRedPacket: 133_000 },
  claim: { HappyRedPacket: 92_000 },
  envelope: { HappyRedPacket: 133_000 + 50 * 92_000 },
} as const
/** Of one operation; a flow's gate is their sum. */
const GATES = { fund: 76_000, release: 53_000, create: 106_000, claim: 70_000 }

const row = (
  metric: string,
  flow: Flow,
  peers: Readonly<Record<string, number>> = {},
  gate?: number,
): Row => {
  const ours = Number(flow.total)
  const [first] = Object.values(peers)
  const ratio = first === undefined ? null : first / ours
  return {
    metric,
    unit: 'gas',
    ours,
    min: ours,
    peers,
    ratio,
    gate: gate === undefined ? null : { atMost: gate },
  }
}

async function run(tools: Tools): Promise<Row[]> {
  const chain = await gasChain()
  try {
    tools.note('deals, from the funding to the end')
    const deals = await dealFlows(chain)
    tools.note('an envelope of 50, from its making to the last claim')
    const envelopes = await envelopeFlows(chain)
    const { fund, release, create, claim } = GATES
    const [funded, released] = deals.released.steps as [bigint, bigint]
    return [
      row('a deal: offered, accepted and funded, released', deals.released, PEERS.deal, fund + release),
      row('  of that, the funding', { steps: [], total: funded }, PEERS.fund, fund),
      row('  of that, the release', { steps: [], total: released }, PEERS.release, release),
      row('the same without gas of either side: permit, funding and release sent by others', deals.relayed),
      row('a cab ride: funded, paid by its code', deals.ride),
      row('a cab ride: funded, cancelled in its second step', deals.cancelled),
      row('an insurance: funded, covered, paid out by a reading', deals.insurance),
      row('a marketplace: funded, two milestones paid', deals.milestones),
      row('a deal: funded, disputed, ruled', deals.ruled),
      row(
        'an envelope of 50: made, all shares claimed',
        envelopes.whole,
        PEERS.envelope,
        create + 50 * claim,
      ),
      row('  of that, making it', { steps: [], total: envelopes.whole.steps[0]! }, PEERS.create, create),
      row('  of that, a claim on average', envelopes.claim, PEERS.claim, claim),
      row('an envelope of 50 to people who never had the token', envelopes.newcomers),
    ]
  } finally {
    await chain.stop()
  }
}

export default {
  name: 'deals',
  title:
    'whole flows in gas, on a simulated chain; an offer and its acceptance are signatures and cost nothing',
  run,
  table: gasTable,
} satisfies Bench
