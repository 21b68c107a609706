import {
  checkVerification,
  formatAmount,
  type GiftState,
  MAX_RATE_LIMIT,
  readInvitation,
  safetyNumber,
  verificationText,
  writeInvitation,
} from '@teahouse/client'
import type { Command } from 'commander'
import { bytesToHex, hexToBytes } from 'viem'
import { action, leaf } from '../command.ts'
import { CliError } from '../errors.ts'
import { inWords } from '../explain.ts'
import { counted, showDate } from '../output.ts'
import { chatKey, wholeNumber } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { readText } from '../stdin.ts'
import { takeBackAll } from './take-back.ts'
import { say, type Said } from '../texts/say.ts'

const DEFAULT_LIMIT = 20
const DEFAULT_DAYS = 30
const DAY = 86_400
const EXAMPLE_KEY = '1493e12e6871347e5330871aec6d7f406d249020d957a23daf823c0ed6337425'

/** How people get to know each other, and how they make sure of it. */
export function contactCommands(account: Command, world: World): void {
  leaf(account, {
    name: 'invite',
    does: 'print a link that makes the account a contact; with --gift also a paid membership: whoever has the link first has the gift',
    examples: [
      ['account invite --name Alice', ''],
      ['account invite --gift --days 7', 'with a membership that can be claimed for a week'],
    ],
  })
    .option('--name <name>', 'as the other will see you (default: the name of the account)')
    .option('--gift', 'pay for a membership, and the coins to claim it with')
    .option('--rate-limit <number>', 'its messages an epoch', wholeNumber(1, MAX_RATE_LIMIT), DEFAULT_LIMIT)
    .option('--days <number>', 'how long it can be claimed', wholeNumber(1, 366), DEFAULT_DAYS)
    .action(action<CommonOptions & InviteFlags>(world, invite))

  leaf(account, {
    name: 'accept',
    does: 'read an invitation on standard input, and claim the membership if one came with it',
    examples: [['account accept < invitation.txt', 'needs neither coins nor tokens']],
  }).action(action(world, accept))

  leaf(account, {
    name: 'gifts',
    does: 'list the memberships that this account has given, or take back those that nobody has claimed',
    examples: [
      ['account gifts', ''],
      ['account gifts --take-back', 'the links are worth nothing afterwards'],
    ],
  })
    .option('--take-back', 'take unclaimed ones back')
    .action(action<CommonOptions & { takeBack?: boolean }>(world, gifts))

  leaf(account, {
    name: 'safety-number',
    does: 'print the number that two people compare, or the code that one scans from the other',
    examples: [
      [`account safety-number ${EXAMPLE_KEY}`, "with another's chat identity"],
      [`account safety-number ${EXAMPLE_KEY} --scanned teahouse:verify/AQ`, 'compare what was scanned'],
    ],
  })
    .argument('<key>', 'chat identity of the other, as in account show', chatKey)
    .option('--scanned <text>', "the code on the other's screen")
    .action(action<CommonOptions & { scanned?: string }>(world, compare))
}

interface InviteFlags {
  readonly name?: string
  readonly gift?: boolean
  readonly rateLimit: number
  readonly days: number
}

async function invite(
  session: Session,
  _: readonly unknown[],
  { name = session.accountName, gift: isGift, rateLimit, days }: InviteFlags,
): Promise<void> {
  const card = { key: (await session.account()).chat.publicKey, name }
  writeInvitation({ card }) // a bad name costs nothing
  if (!isGift) {
    const link = writeInvitation({ card })
    return session.output.result({ link, gift: null }, [link])
  }
  session.output.progress(say`Paying for a membership …`)
  const gift = await session.withClient(({ gifts }) => gifts.make({ rateLimit, validSeconds: days * DAY }))
  const link = writeInvitation({ card, gift })
  const { amount, expiry } = gift
  session.output.result({ link, gift: { amount, rateLimit, expiry } }, [
    link,
    say`Paid     ${formatAmount(amount)} tokens for ${rateLimit} messages an epoch, and coins to claim it with`,
    say`Until    ${showDate(expiry)}; before that: teahouse account gifts --take-back`,
    say`Whoever has the link first has the membership: send it where nobody else reads.`,
  ])
}

async function accept(session: Session): Promise<void> {
  const { card, gift } = readInvitation(await readText(session.world.stdin))
  const contact = { name: card.name, key: bytesToHex(card.key) }
  const lines = [say`Contact  ${card.name}`, say`Chat     ${contact.key}`]
  if (!gift) return session.output.result({ contact, joined: null }, lines)
  session.output.progress(say`Claiming the membership …`)
  const { index, rateLimit, expiry } = await session.withClient(({ gifts }) => gifts.claim(gift))
  session.output.result({ contact, joined: { index, rateLimit, expiry } }, [
    ...lines,
    say`Joined   as member ${index}: ${rateLimit} messages an epoch until ${showDate(expiry)}`,
  ])
}

const GIFT_STATES: Readonly<Record<GiftState, Said>> = {
  open: say`open    `,
  expired: say`expired `,
  taken: say`taken   `,
  claimed: say`claimed `,
  gone: say`gone    `,
}

async function gifts(
  session: Session,
  _: readonly unknown[],
  { takeBack = false }: { takeBack?: boolean },
): Promise<void> {
  const { listed, refused } = await session.withClient(async ({ gifts }) => {
    const found = await gifts.list()
    const refused = takeBack ? await takeBackAll(gifts, found) : []
    return { listed: takeBack ? await gifts.list() : found, refused }
  })
  const shown = listed.map(({ gift: { amount, rateLimit, expiry }, state }) => ({
    state,
    amount,
    rateLimit,
    expiry,
  }))
  const refusals = refused.map(({ gift: { expiry }, reason }) => ({
    expiry,
    error: reason instanceof Error ? reason.message : String(reason),
  }))
  session.output.result({ gifts: shown, ...(refusals.length > 0 && { refused: refusals }) }, [
    counted(shown.length, 'gift'),
    ...shown.map(
      ({ state, amount, rateLimit, expiry }) =>
        say`  ${GIFT_STATES[state]}${formatAmount(amount)} tokens, ${rateLimit} messages an epoch, until ${showDate(expiry)}`,
    ),
    ...refused.map(
      ({ gift: { expiry }, reason }) =>
        say`  refused   the one until ${showDate(expiry)}: ${inWords(reason, session.world.env)}`,
    ),
  ])
  if (refused.length === 0) return
  const message = `${refused.length} of the gifts could not be taken back`
  throw new CliError(message, { code: 'PARTLY_TAKEN', refused: refused.length })
}

async function compare(
  session: Session,
  [key]: readonly unknown[],
  { scanned }: { scanned?: string },
): Promise<void> {
  const own = (await session.account()).chat.publicKey
  const other = hexToBytes(key as `0x${string}`)
  const number = safetyNumber(own, other)
  const code = verificationText(own, other)
  const result = scanned === undefined ? undefined : checkVerification(scanned, own, other)
  session.output.result({ safetyNumber: number, code, ...(result && { result }) }, [
    ...inRows(number.split(' ')),
    say`Code     ${code}`,
    ...(result ? [MEANINGS[result]] : [say`The other must see the same number; or scan the code.`]),
  ])
}

const MEANINGS = {
  match: say`MATCH: nobody is in between.`,
  mismatch: say`MISMATCH: this is the code of somebody else, or somebody is in between.`,
  'other-version': say`One of the two programs is older: compare the numbers.`,
} as const

const inRows = (groups: readonly string[]): string[] =>
  [0, 4, 8].map((at) => groups.slice(at, at + 4).join(' '))
