import {
  cabRide,
  deposit,
  insurance,
  marketplace,
  signVerdict,
  type Client,
  type Offer,
} from '@teahouse/client'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { action } from '../../command.ts'
import { usage } from '../../errors.ts'
import { agree } from '../../operator/confirm.ts'
import { EXAMPLE, deal as dealId, signature, wholeNumber } from '../../parse.ts'
import type { Session, World } from '../../session.ts'
import { chainTime, costOf } from './chain-view.ts'
import { localeOf, step, type StepFlags } from './flags.ts'
import { keptOffer, readPaper } from './papers.ts'
import { say, type Said } from '../../texts/say.ts'

interface DeliverFlags extends StepFlags {
  readonly code?: Hex
  readonly milestone?: number
  readonly reading?: bigint
  readonly at?: number
  readonly signature?: Hex
}

interface SignFlags extends StepFlags {
  readonly milestone?: number
  readonly reading?: bigint
  readonly at?: number
}

const milestone = wholeNumber(1, 20)

/** What a contract decides: evidence for it, and who signs that. */
export function deliverCommands(deal: Command, world: World): void {
  step(deal, {
    name: 'deliver',
    does: 'show the contract that judges a deal what it wants to see: anyone may',
    examples: [
      [
        `deal deliver ${EXAMPLE.deal} --code ${EXAMPLE.deal}`,
        'the code that the payer told you (ride, deposit)',
      ],
      [
        `deal deliver ${EXAMPLE.deal} --milestone 1 --signature ${EXAMPLE.signature}`,
        'what the inspector signed (marketplace)',
      ],
      [
        `deal deliver ${EXAMPLE.deal} --reading 63 --at 1795000000 --signature ${EXAMPLE.signature}`,
        'what the oracle signed',
      ],
    ],
  })
    .argument('<deal>', 'id of a deal whose offer you keep; else the offer: link, file, or -')
    .option('--code <hex>', "the payer's code", code)
    .option('--milestone <number>', 'milestones that are reached, counted from the first', milestone)
    .option('--reading <number>', 'what the oracle measured', reading)
    .option('--at <seconds>', 'when, in unix seconds', seconds)
    .option('--signature <hex>', 'of the inspector, or of the oracle', signature)
    .action(action<DeliverFlags>(world, deliver))

  step(deal, {
    name: 'attest',
    does: 'inspector: sign that milestones are reached; oracle: sign a reading. Prints the signature for the other side',
    examples: [
      [`deal attest ${EXAMPLE.deal} --milestone 1`, ''],
      ['deal attest offer.json --reading 63', 'read now'],
    ],
  })
    .argument('<deal>', 'id of a deal whose offer you keep; else the offer: link, file, or -')
    .option('--milestone <number>', 'milestones that are reached, counted from the first', milestone)
    .option('--reading <number>', 'what was measured', reading)
    .option('--at <seconds>', 'when, in unix seconds (default: now)', seconds)
    .action(action<SignFlags>(world, attest))

  step(deal, {
    name: 'cancel',
    does: 'payer of a ride or a deposit: cancel, for what the last step that has begun says',
    examples: [[`deal cancel ${EXAMPLE.deal}`, '']],
  })
    .argument('<deal>', 'id', dealId)
    .action(action<StepFlags>(world, cancel))
}

/** Has the contract judge. */
async function bring(
  session: Session,
  client: Client,
  { deal }: Offer,
  evidence: Hex,
  done: Said,
): Promise<void> {
  session.output.progress(say`Waiting for the block …`)
  const tx = await client.deals.evaluate(deal, evidence)
  const { state, left, closed } = await client.deals.status(deal)
  session.output.result({ deal, state, left, closed, ...tx }, [say`${done} in ${tx.hash}`])
}

async function deliver(session: Session, [given]: readonly unknown[], flags: DeliverFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { offer } = await readPaper(session, client, given as string)
    const evidence = evidenceOf(offer, flags)
    const what = say`The contract ${offer.terms.evaluator} is shown this and pays what was agreed`
    await agree(session, say`${what}\n${await costOf(session, 'evaluate', flags)}`, flags)
    await bring(session, client, offer, evidence, say`Judged`)
  }, flags)
}

function evidenceOf(offer: Offer, flags: DeliverFlags): Hex {
  const { signature: by } = flags
  switch (offer.template) {
    case cabRide.name:
      return cabRide.arrived(offer, needed(flags.code, '--code'))
    case deposit.name:
      return deposit.came(offer, needed(flags.code, '--code'))
    case marketplace.name:
      return marketplace.inspected(offer, needed(flags.milestone, '--milestone'), needed(by, '--signature'))
    case insurance.name: {
      const seen = { value: needed(flags.reading, '--reading'), time: needed(flags.at, '--at') }
      return insurance.happened(offer, seen, needed(by, '--signature'))
    }
    default:
      throw usage(
        say`No contract judges this deal: the payer releases it`,
        say`The payer runs: teahouse deal release. If it does not: teahouse deal dispute`,
      )
  }
}

async function attest(session: Session, [given]: readonly unknown[], flags: SignFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { offer } = await readPaper(session, client, given as string)
    const { place } = offer.statement
    const signer = client.account.eth
    if (offer.template === marketplace.name) {
      const done = needed(flags.milestone, '--milestone')
      const confirm = (sentence: string) => agree(session, sentence, flags).then(() => true)
      const options = { confirm, locale: localeOf(session) }
      const by = await signVerdict(offer, marketplace.inspection(offer, place, done), signer, options)
      return told(session, offer, { milestone: done, signature: by }, `--milestone ${done} --signature ${by}`)
    }
    if (offer.template !== insurance.name)
      throw usage(say`Nobody attests anything in this deal`, say`It is for marketplace and insurance`)
    const seen = { value: needed(flags.reading, '--reading'), time: flags.at ?? (await chainTime(session)) }
    await agree(
      session,
      say`You sign that at ${seen.time} (unix seconds) the reading was ${seen.value}`,
      flags,
    )
    const by = await signer.signTypedData(insurance.reading(offer, place, seen))
    const more = `--reading ${seen.value} --at ${seen.time} --signature ${by}`
    return told(session, offer, { reading: seen.value, at: seen.time, signature: by }, more)
  }, flags)
}

function told(session: Session, { deal }: Offer, value: Record<string, unknown>, options: string): void {
  session.output.result({ deal, ...value }, [
    say`Signature  ${String(value['signature'])}`,
    say`The other side runs: teahouse deal deliver ${deal} ${options}`,
  ])
}

async function cancel(session: Session, [id]: readonly unknown[], flags: StepFlags): Promise<void> {
  await session.withClient(async (client) => {
    const offer = await keptOffer(client, id as Hex)
    const kind = [cabRide, deposit].find(({ name }) => name === offer.template)
    if (!kind)
      throw usage(
        say`This deal has no cancellation`,
        say`Ask the payee: teahouse deal refund, or deal settle`,
      )
    const cost = await costOf(session, 'evaluate', flags)
    const verdict = kind.cancellation(offer, offer.statement.place)
    const by = await signVerdict(offer, verdict, client.account.eth, {
      confirm: (sentence) => agree(session, say`${sentence}\n${cost}`, flags).then(() => true),
      locale: localeOf(session),
    })
    await bring(session, client, offer, kind.cancelled(offer, by), say`Cancelled`)
  }, flags)
}

function needed<T>(value: T | undefined, option: string): T {
  if (value !== undefined) return value
  throw usage(say`This kind of deal needs ${option}`, say`See: teahouse deal deliver --help`)
}

function code(text: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Hex
  throw usage(say`"${text}" is not a code`, say`A code is 0x and 64 hex digits`)
}

function reading(text: string): bigint {
  if (/^-?\d{1,77}$/.test(text)) return BigInt(text)
  throw usage(say`"${text}" is not a reading`, say`A reading is a whole number, in the units of the oracle`)
}

function seconds(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw usage(say`"${text}" is not a time`, say`A time is in unix seconds`)
}
