import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeQR } from 'qr'
import {
  readAmount,
  showAmount,
  type Chat,
  type Client,
  type EnvelopeStatus,
  type Recipients,
} from '@teahouse/client'
import type { Address, Hex } from 'viem'
import { CliError, usage } from '../../errors.ts'
import type { ConfirmFlags } from '../../operator/confirm.ts'
import { counted, printable, showDate } from '../../output.ts'
import type { Session } from '../../session.ts'
import { readText } from '../../stdin.ts'
import { say, type Said } from '../../texts/say.ts'
import { confirm, withChatting } from './paying.ts'

export interface CreateFlags extends ConfirmFlags {
  readonly shares?: number
  readonly for?: readonly string[]
  readonly each?: boolean
  readonly equal?: boolean
  readonly group?: string
  readonly members?: string
  readonly openFor?: number
  readonly note?: string
}

export interface ClaimFlags extends ConfirmFlags {
  readonly from?: string
  readonly to?: Address
  readonly relayed?: boolean
}

export type RefundFlags = ConfirmFlags

const DAY = 86_400
/** Longer links make codes that no camera reads. */
const QR_LONGEST = 800

async function recipientsOf({ world }: Session, flags: CreateFlags): Promise<Recipients> {
  const { for: contacts, shares, each, group, members } = flags
  if ([contacts, group].filter((one) => one !== undefined).length > 1 || (contacts && shares))
    throw usage(
      say`An envelope is for contacts, for a group, or for whoever has a link`,
      say`See: teahouse envelope create --help`,
    )
  if (contacts) return { contacts }
  if (shares === undefined)
    throw usage(say`Say how many shares there are`, say`For example --shares 5, or --for Bob`)
  if (group === undefined) return { link: each ? 'each' : 'one', shares }
  if (members === undefined)
    throw usage(say`A group has members`, say`Give a file with their commitments: --members FILE`)
  const lines = (await readFile(join(world.cwd, members), 'utf8')).split(/\s+/).filter(Boolean)
  const bad = lines.find((line) => !/^0x[0-9a-fA-F]{1,64}$/.test(line))
  if (bad !== undefined)
    throw usage(say`"${bad}" is no commitment`, say`Each member prints its own: teahouse envelope member`)
  return { group, members: lines.map(BigInt), shares }
}

export async function create(
  session: Session,
  [amount]: readonly unknown[],
  flags: CreateFlags,
): Promise<void> {
  const recipients = await recipientsOf(session, flags)
  const task = (client: Client) => createWith(session, client, amount as string, recipients, flags)
  await ('contacts' in recipients ? withChatting(session, task) : session.withClient(task))
}

async function createWith(
  session: Session,
  { envelopes, money }: Client,
  amount: string,
  recipients: Recipients,
  { equal = false, openFor, note, yes }: CreateFlags,
): Promise<void> {
  const token = await money.token()
  const sum = showAmount(readAmount(amount, token), token)
  const shares = 'contacts' in recipients ? recipients.contacts.length : recipients.shares
  const isEqual = equal || 'group' in recipients
  const parts = isEqual ? counted(shares, 'equal share') : counted(shares, 'random share')
  const what = say`Locks ${sum} in ${parts} for ${showSeconds(openFor ?? DAY)}, and pays the gas of two transactions`
  await confirm(session, what, { ...(yes && { yes }) })
  session.output.progress(say`Waiting for the block with the envelope …`)
  const made = await envelopes.create({
    ...{ amount, for: recipients, split: equal ? 'equal' : 'random', validSeconds: openFor, note },
  })
  const { links, sent, owed, envelope, terms, tx } = made
  const [one] = links
  session.output.result({ envelope, expiry: terms.expiry, links, sent, owed, ...tx }, [
    say`Envelope ${envelope}`,
    say`Open     until ${showDate(terms.expiry)}; then: teahouse envelope refund`,
    ...(sent.length > 0 ? [say`Sent     ${counted(sent.length, 'share')} to contacts`] : []),
    ...(owed.length > 0
      ? [say`Waits    ${counted(owed.length, 'share')} until the chat is next open: teahouse chat listen`]
      : []),
    ...links,
    ...(links.length === 1 && one!.length <= QR_LONGEST ? ['', encodeQR(one!, 'ascii').trimEnd()] : []),
    ...(links.length > 0 && !('group' in recipients)
      ? [say`Whoever has a link can take what it opens: send it where nobody else reads.`]
      : []),
  ])
}

/** What a contact has sent, the newest first. */
async function newestFrom(chat: Chat, name: string): Promise<Uint8Array> {
  const entries = await chat.messages(chat.contacts.find(name).account)
  for (const entry of entries.toReversed())
    if (entry.kind === 'message' && !entry.mine && entry.body.kind === 'envelope') return entry.body.content
  throw new CliError(`${printable(name)} has sent no envelope`, { code: 'NO_ENVELOPE' })
}

export async function claim(session: Session, [link]: readonly unknown[], flags: ClaimFlags): Promise<void> {
  const { from, to: recipient, relayed } = flags
  if (link !== undefined && from !== undefined)
    throw usage(say`An envelope comes by a link or from a contact`, say`Leave one of them out`)
  await session.withClient(async (client) => {
    const { envelopes, money } = client
    const given =
      from === undefined
        ? ((link as string | undefined) ?? (await readText(session.world.stdin)))
        : await newestFrom(await client.chat(), from)
    const { content, terms } = await envelopes.read(given)
    const token = await money.token()
    const share =
      content.kind === 'share'
        ? showAmount(content.share, token)
        : say`a share of ${showAmount(terms.amount, token)}`
    const note = content.note ? ` "${printable(content.note)}"` : ''
    const how =
      client.network.rpcUrl === undefined || relayed
        ? say`a node sends it`
        : say`pays the gas of one transaction`
    await confirm(session, say`Opens${note}: ${share} from ${terms.creator}; ${how}`, flags)
    session.output.progress(
      content.kind === 'gated' ? say`Proving, then waiting for the block …` : say`Waiting for the block …`,
    )
    const opened = await envelopes.claim(given, { recipient, relayed })
    session.output.result({ ...opened, note: content.note }, [
      say`Took     ${showAmount(opened.amount, token)}${note} in ${opened.hash}`,
      opened.recipient === client.account.address
        ? say`Paid to  ${opened.recipient}`
        : say`Paid to  ${opened.recipient}; see: teahouse pay collect`,
    ])
  })
}

export async function status(session: Session, [envelope]: readonly unknown[]): Promise<void> {
  await session.withClient(async (client) => {
    const { envelopes } = client
    const found = envelope === undefined ? await envelopes.list() : [await envelopes.status(envelope as Hex)]
    const { contacts } = await client.chat()
    const names = new Map(contacts.list().map(({ account, name }) => [account, printable(name)]))
    const lines = await Promise.all(found.map((one) => showStatus(client, one, names)))
    const plain = found.map(({ contacts: who, ...one }) => ({ ...one, contacts: Object.fromEntries(who) }))
    session.output.result(
      { envelopes: plain },
      found.length > 0 ? lines.flatMap((each, at) => (at > 0 ? ['', ...each] : each)) : [say`No envelopes`],
    )
  })
}

const STATES: Readonly<Record<EnvelopeStatus['state'], Said>> = {
  making: say`not on the chain (yet)`,
  open: say`open`,
  empty: say`empty: all was taken`,
  expired: say`expired: teahouse envelope refund`,
  refunded: say`what was left went back`,
  unknown: say`not on the chain`,
}

async function showStatus(
  { money }: Client,
  { envelope, state, terms, left, paid, contacts }: EnvelopeStatus,
  names: ReadonlyMap<string, string>,
): Promise<Said[]> {
  const token = await money.token()
  const share = ({ index, recipient, amount }: EnvelopeStatus['paid'][number]): Said => {
    const account = index === undefined ? undefined : contacts.get(index)
    const who =
      account === undefined ? '' : say`  (the share of ${names.get(account) ?? account.slice(0, 8)})`
    return say`  ${showAmount(amount, token)} to ${recipient}${who}`
  }
  return [
    say`Envelope ${envelope}`,
    say`State    ${STATES[state]}`,
    say`Amount   ${showAmount(terms.amount, token)} in ${counted(terms.shares, 'share')}${terms.gated ? say`, for a group` : ''}; ${showAmount(left, token)} left`,
    say`Open     until ${showDate(terms.expiry)}`,
    ...paid.map(share),
  ]
}

export async function refund(
  session: Session,
  [envelope]: readonly unknown[],
  flags: RefundFlags,
): Promise<void> {
  await session.withClient(async ({ envelopes, money }) => {
    const token = await money.token()
    const all = envelope === undefined ? await envelopes.list() : [await envelopes.status(envelope as Hex)]
    const found = envelope === undefined ? all.filter(({ state }) => state === 'expired') : all
    if (found.length === 0) return session.output.result({ refunded: [] }, [say`Nothing is to be taken back`])
    const sum = found.reduce((total, { left }) => total + left, 0n)
    await confirm(
      session,
      say`Takes back ${showAmount(sum, token)} of ${counted(found.length, 'envelope')}, and pays the gas`,
      flags,
    )
    const refunded = []
    for (const one of found)
      refunded.push({ envelope: one.envelope, ...(await envelopes.refund(one.envelope)) })
    session.output.result(
      { refunded },
      refunded.map(({ amount, hash }) => say`Back     ${showAmount(amount, token)} in ${hash}`),
    )
  })
}

export async function member(session: Session, [group]: readonly unknown[]): Promise<void> {
  await session.withClient(async ({ envelopes }) => {
    const commitment = await envelopes.memberIn(group as string)
    session.output.result({ group, commitment }, [commitment])
  })
}

const showSeconds = (seconds: number): Said =>
  seconds % DAY === 0 ? counted(seconds / DAY, 'day') : counted(seconds, 'second')
