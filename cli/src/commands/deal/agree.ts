import {
  formatAmount,
  writeSigned,
  type Client,
  type Confirm,
  type Offer,
  type SignedAct,
} from '@teahouse/client'
import type { Command } from 'commander'
import { isAddressEqual, type Hex } from 'viem'
import { action } from '../../command.ts'
import { usage } from '../../errors.ts'
import { agree } from '../../operator/confirm.ts'
import type { Session, World } from '../../session.ts'
import { showDate } from '../../output.ts'
import { costOf } from './chain-view.ts'
import { localeOf, step, type StepFlags } from './flags.ts'
import { handOver, readPaper } from './papers.ts'
import { say, type Said } from '../../texts/say.ts'

interface AcceptFlags extends StepFlags {
  readonly out?: string
}

/** `deal accept` and `deal fund`: from an offer to a deal that holds money. */
export function agreeCommands(deal: Command, world: World): void {
  step(deal, {
    name: 'accept',
    does: 'sign an offer of the other side, once you have read what it says; or lock your collateral',
    examples: [
      ['deal accept teahouse:deal/AXsi…', 'prints a link for the other side'],
      ['deal accept offer.json --out accepted.json', ''],
      ['deal accept 0x5f2c…', 'payee, of a deal that is funded: locks the collateral'],
    ],
  })
    .argument('<offer>', 'link, file, - for standard input, or the id of a deal that is funded')
    .option('--out <file>', 'write what you signed to a file instead of a link')
    .action(action<AcceptFlags>(world, accept))

  step(deal, {
    name: 'fund',
    does: 'lock the amount as the payer; or send a funding that the payer signed',
    examples: [
      ['deal fund teahouse:signed/AXsi…', 'what the payee accepted'],
      ['deal fund offer.json --relay', 'takes no coins'],
    ],
  })
    .argument('<offer>', 'offer, or what the other side signed: link, file, - for standard input, or id')
    .action(action<StepFlags>(world, fund))
}

/** Shows a sentence and what it costs, and asks. */
const confirming =
  (session: Session, cost: Said, flags: StepFlags): Confirm =>
  async (sentence) => {
    await agree(session, say`${sentence}\n${cost}`, flags)
    return true
  }

async function accept(session: Session, [given]: readonly unknown[], flags: AcceptFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { offer } = await readPaper(session, client, given as string)
    const { account, deals, dealKit } = client
    const { terms, deal } = offer
    const isPayee = isAddressEqual(terms.payee, account.address)
    if (!isPayee && !isAddressEqual(terms.payer, account.address))
      throw usage(say`This offer is for other people`, say`It is between ${terms.payer} and ${terms.payee}`)
    if (isPayee && terms.collateral > 0n && (await isOffered(client, deal))) {
      const locks = say`You lock ${formatAmount(terms.collateral)} tokens in deal ${deal}`
      await agree(session, say`${locks}\n${await costOf(session, 'accept', flags)}`, flags)
      const tx = await deals.accept(deal)
      return session.output.result({ deal, ...tx }, [say`Accepted in ${tx.hash}`])
    }
    const act = isPayee ? 'Acceptance' : 'Funding'
    const confirm = confirming(session, say`Signing costs nothing`, flags)
    const signed = await dealKit.sign(offer, { act }, { confirm, locale: localeOf(session) })
    const where = await handOver(session, writeSigned(signed), flags.out)
    const next = isPayee ? say`The payer runs` : say`Whoever is to send it runs`
    session.output.result({ deal, act, signed: where }, [
      say`Deal     ${deal}`,
      say`Signed   ${where}`,
      say`${next}: teahouse deal fund ${flags.out ?? say`LINK`}`,
    ])
  }, flags)
}

const isOffered = (client: Client, deal: Hex): Promise<boolean> =>
  client.deals.status(deal).then(
    ({ state }) => state === 'offered',
    () => false,
  )

async function fund(session: Session, [given]: readonly unknown[], flags: StepFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { offer, signed } = await readPaper(session, client, given as string)
    if (signed && !FUNDABLE.has(signed.act.act))
      throw usage(
        say`A ${signed.act.act} is no funding`,
        say`Give the offer, or what teahouse deal accept printed`,
      )
    const tx =
      signed?.act.act === 'Funding'
        ? await send(session, client, signed, flags)
        : await lock(session, client, offer, flags, signed)
    const { terms, deal } = offer
    await client.dealKit.offers.put(offer)
    const isOpen = terms.collateral > 0n && (await isOffered(client, deal))
    session.output.result({ deal, ...tx }, [
      say`Deal     ${deal}`,
      say`Locked   ${formatAmount(terms.amount)} tokens until ${showDate(terms.deliverBy)}`,
      say`In       ${tx.hash}`,
      ...(isOpen ? [say`Not bound yet: the payee runs teahouse deal accept ${deal}`] : []),
    ])
  }, flags)
}

const FUNDABLE: ReadonlySet<string> = new Set(['Funding', 'Acceptance'])

/** Payer: and what the payee signed for its collateral goes right after it. */
async function lock(
  session: Session,
  { dealKit }: Client,
  offer: Offer,
  flags: StepFlags,
  signed: SignedAct | undefined,
) {
  const confirm = confirming(session, await costOf(session, 'fund', flags), flags)
  const { hash, gasUsed, blockNumber } = await dealKit.fund(
    offer,
    { confirm, locale: localeOf(session) },
    (deal) => session.output.notice({ opening: deal }, say`Opening  ${deal}`),
  )
  if (signed?.permit && offer.terms.collateral > 0n) await dealKit.send(signed)
  return { hash, gasUsed, blockNumber }
}

/** Anybody: with the payer's signature, and the payer's tokens. */
async function send(session: Session, { dealKit }: Client, signed: SignedAct, flags: StepFlags) {
  await agree(session, say`${say`The payer has signed`}\n${await costOf(session, 'send', flags)}`, flags)
  return await dealKit.send(signed)
}
