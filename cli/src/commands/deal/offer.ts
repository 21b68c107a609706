import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  cabRide,
  deposit,
  describeOffer,
  insurance,
  marketplace,
  offerOf,
  plain,
  writeOffer,
  type DealPlace,
  type Offer,
  type Parties,
} from '@teahouse/client'
import { Option, type Command } from 'commander'
import type { Address, Hex } from 'viem'
import { action, leaf } from '../../command.ts'
import { usage } from '../../errors.ts'
import { EXAMPLE, address, duration, percent } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { chainTime } from './chain-view.ts'
import { localeOf } from './flags.ts'
import { paramsOf, TEMPLATE_NAMES, type DealFlags, type TemplateName } from './offer-params.ts'
import { handOver } from './papers.ts'
import { say, type Said } from '../../texts/say.ts'

interface OfferFlags extends CommonOptions, DealFlags {
  readonly template: TemplateName
  readonly payee?: Address
  readonly payer?: Address
  readonly arbiter?: Address
  readonly appFee?: { readonly recipient: Address; readonly bps: number }
  readonly params?: string
  readonly out?: string
}

const TEMPLATES = { plain, 'cab-ride': cabRide, marketplace, insurance, deposit }
const WITH = `--payee ${EXAMPLE.payee} --arbiter ${EXAMPLE.arbiter}`

/** `deal offer`: signs nothing, sends nothing. */
export function offerCommand(deal: Command, world: World): void {
  leaf(deal, {
    name: 'offer',
    does: 'put terms into words and into a link for the other side; nobody is bound by it',
    examples: [
      [`deal offer ${WITH} --amount 20 --for "a teapot" --deliver-in 2d`, ''],
      [
        `deal offer --template cab-ride --payee ${EXAMPLE.payee} --amount 5 --from "the lake" --to "the station" --cancel 5m:20`,
        '',
      ],
      [`deal offer --template marketplace ${WITH} --milestone "a drawing:4" --milestone "the pot:16"`, ''],
    ],
  })
    .addOption(new Option('--template <name>', 'kind of deal').choices(TEMPLATE_NAMES).default('plain'))
    .option('--payee <address>', 'who is paid; this account pays', address)
    .option('--payer <address>', 'who pays; this account is paid', address)
    .option('--arbiter <address>', 'who rules on a dispute; not needed where a contract judges', address)
    .option('--amount <amount>', 'what the payer locks: price, fare, deposit or premium, in tokens')
    .option('--for <text>', 'what it is for; with insurance, what is measured')
    .option('--deliver-in <duration>', 'time for it (default: 1h)', duration)
    .option('--collateral <amount>', 'what the payee locks (plain)')
    .option('--milestone <title:amount>', 'a part of the work; may be repeated (marketplace)', milestones)
    .option('--inspector <address>', 'who signs for milestones, if not the payer', address)
    .option(
      '--cancel <after:percent>',
      'what cancelling costs from then on; may be repeated (ride, deposit)',
      cancels,
    )
    .option('--code-hash <hex>', "hash of the payer's code, if the payee makes the offer", codeHash)
    .option('--from <place>', 'where the ride begins; with --to')
    .option('--to <place>', 'where it goes')
    .option('--payout <amount>', 'what the insured gets (insurance)')
    .option('--oracle <address>', 'whose readings count (insurance)', address)
    .option('--threshold <number>', 'a reading of so much pays (insurance)')
    .option('--silent <percent>', "the payee's share if nobody decides", percent)
    .option('--dispute-window <duration>', 'time to call the arbiter, and to accept (default: 1h)', duration)
    .option('--ruling-window <duration>', 'time that the arbiter then has (default: 1h)', duration)
    .option('--arbiter-fee <amount>', 'what a ruling costs (default: 0)')
    .option('--bond <amount>', 'what each side of a dispute deposits (default: 0)')
    .option('--app-fee <address:percent>', 'what somebody gets of what the payee earns', appFee)
    .option('--params <file>', 'parameters of the template as JSON, in the place of the options above')
    .option('--out <file>', 'write the offer to a file instead of a link')
    .action(action<OfferFlags>(world, offer))
}

async function offer(session: Session, _: readonly unknown[], flags: OfferFlags): Promise<void> {
  const now = await chainTime(session)
  const isPayer = flags.payee !== undefined
  if (isPayer === (flags.payer !== undefined))
    throw usage(
      say`Name the other side: --payee if you pay, --payer if you are paid`,
      say`See: deal offer --help`,
    )
  const filled = paramsOf.bind(undefined, flags.template, flags, now, isPayer)
  const { params, code } = flags.params
    ? { params: await paramsFile(session, flags.params), code: undefined }
    : filled()
  const made = await session.withClient(async ({ account, dealKit }) => {
    const parties = {
      payer: flags.payer ?? account.address,
      payee: flags.payee ?? account.address,
      ...{ arbiter: flags.arbiter, app: flags.appFee },
    }
    const offered = offerFrom(flags.template, parties, params, await dealKit.place(), now)
    await dealKit.offers.put(offered)
    return offered
  })
  const text = writeOffer(made)
  const where = await handOver(session, text, flags.out)
  const sentence = describeOffer(made, localeOf(session))
  session.output.result({ deal: made.deal, sentence, offer: where, ...(code && { code }) }, [
    sentence,
    '',
    say`Deal     ${made.deal}`,
    ...(code
      ? [say`Code     ${code}`, say`         Yours alone: whoever has it, and shows it, is paid.`]
      : []),
    say`Offer    ${where}`,
    say`The other side runs: teahouse deal accept ${flags.out ?? say`LINK`}`,
  ])
}

function offerFrom(
  name: TemplateName,
  parties: Parties,
  params: unknown,
  place: DealPlace,
  now: number,
): Offer {
  const of = <P>(template: {
    parse(json: unknown, unit: DealPlace['unit']): P
    terms(parties: Parties, params: P, place: DealPlace): Parameters<typeof offerOf>[1]
  }) => template.terms(parties, template.parse(params, place.unit), place)
  const agreed = {
    plain: () => of(plain),
    'cab-ride': () => of(cabRide),
    marketplace: () => of(marketplace),
    insurance: () => of(insurance),
    deposit: () => of(deposit),
  }[name]()
  return offerOf(TEMPLATES[name], agreed, place, now)
}

async function paramsFile({ world }: Session, file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(resolve(world.cwd, file), 'utf8')) as Record<string, unknown>
  } catch {
    throw usage(
      say`"${file}" is no file of JSON`,
      say`It holds the parameters of the template: docs/deals.md`,
    )
  }
}

/** Text before and after the last colon. */
function halves(text: string, what: Said, example: string): readonly [string, string] {
  const at = text.lastIndexOf(':')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw usage(say`"${text}" is not ${what}`, say`For example ${example}`)
}

function milestones(text: string, before: DealFlags['milestone'] = []) {
  const [title, amount] = halves(text, say`a milestone`, '"a drawing:4"')
  return [...before, { title, amount }]
}

function cancels(text: string, before: DealFlags['cancel'] = []) {
  const [after, share] = halves(text, say`a step of cancelling`, '5m:20')
  return [...before, { after: duration(after), bps: percent(share) }]
}

function appFee(text: string) {
  const [recipient, share] = halves(text, say`a fee`, `${EXAMPLE.payee}:1`)
  return { recipient: address(recipient), bps: percent(share) }
}

function codeHash(text: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text as Hex
  throw usage(say`"${text}" is not the hash of a code`, say`A hash is 0x and 64 hex digits`)
}
