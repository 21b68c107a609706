import { encodeQR } from 'qr'
import { formatAmount, showAmount, StorageError, type Client, type PaymentResult } from '@teahouse/client'
import type { Address, Hex } from 'viem'
import { agree, type ConfirmFlags } from '../../operator/confirm.ts'
import { printable } from '../../output.ts'
import type { Session } from '../../session.ts'
import { say, type Said, type Text } from '../../texts/say.ts'

export interface PayFlags extends ConfirmFlags {
  readonly note?: string
  readonly id?: string
  readonly again?: boolean
}

export interface LinkFlags {
  readonly fresh?: boolean
}

/** Nobody is there to answer if the result goes to a program. */
export const confirm = (session: Session, what: Text, flags: ConfirmFlags): Promise<void> =>
  agree(session, what, { yes: flags.yes === true || session.output.json })

/** A client with its chat: started, or only to be read if another process of the account has it. */
export function withChatting<T>(session: Session, task: (client: Client) => Promise<T>): Promise<T> {
  return session.withClient(async (client) => {
    const chat = await client.chat()
    try {
      await chat.start()
      await chat.publish().catch(() => undefined) // the other side answers by the session that it has
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'LOCKED') throw error
      session.output.progress(say`Another teahouse process has the chat open: what is to be sent, it sends`)
    }
    return await task(client)
  })
}

const withPayer = <T>(session: Session, to: string, task: (client: Client) => Promise<T>): Promise<T> =>
  /^(0x|ethereum:)/i.test(to.trim()) ? session.withClient(task) : withChatting(session, task)

export async function pay(
  session: Session,
  [to, amount]: readonly unknown[],
  flags: PayFlags,
): Promise<void> {
  const { note, id, again } = flags
  await withPayer(session, to as string, async (client) => {
    const { money } = client
    const given = [to as string, amount as string | undefined, { note, id, again }] as const
    const quoted = await money.quote(...given)
    const sum = showAmount(quoted.amount, quoted.token)
    const whom = quoted.contact === undefined ? quoted.to : `${nameOf(to as string)} (${quoted.to})`
    if (quoted.begun)
      session.output.progress(say`This payment was begun before (${sum} to ${whom}): finishing it`)
    else
      await confirm(
        session,
        say`Pays ${sum} to ${whom}, and at most ${coins(quoted.coins)} for the gas`,
        flags,
      )
    session.output.progress(say`Waiting for the block with the payment …`)
    show(session, await client.pay(...given), whom)
  })
}

export async function refund(session: Session, [hash]: readonly unknown[], flags: PayFlags): Promise<void> {
  await withChatting(session, async (client) => {
    const { money } = client
    const quoted = await money.quoteRefund(hash as Hex)
    const sum = showAmount(quoted.amount, quoted.token)
    if (!quoted.begun)
      await confirm(
        session,
        say`Pays ${sum} back to ${quoted.to}, and at most ${coins(quoted.coins)} for the gas`,
        flags,
      )
    session.output.progress(say`Waiting for the block with the payment …`)
    show(session, await money.refund(hash as Hex, { note: flags.note, again: flags.again }), quoted.to)
  })
}

function show({ output }: Session, paid: PaymentResult, whom: string): void {
  const { token, amount, hash, receipt, resumed, raised } = paid
  const lines = [
    say`Paid     ${showAmount(amount, token)} to ${whom} in ${hash}`,
    ...(resumed ? [say`Once     it was begun before, and not paid again; to pay again, run this again`] : []),
    ...(raised ? [say`Fee      raised: the first one waited too long`] : []),
    ...(receipt === 'sent' ? [say`Receipt  in the conversation`] : []),
    ...(receipt === 'owed' ? [say`Receipt  goes out when the chat is next open: teahouse chat listen`] : []),
  ]
  output.result({ ...paid, token: token.address, symbol: token.symbol, decimals: token.decimals }, lines)
}

export async function link(session: Session, [amount]: readonly unknown[], flags: LinkFlags): Promise<void> {
  await session.withClient(async ({ money, account }) => {
    const to: Address = flags.fresh ? await money.freshAddress() : account.address
    const text = await money.link({ amount: amount as string | undefined, to })
    session.output.result({ link: text, to }, [text, '', encodeQR(text, 'ascii').trimEnd()])
  })
}

export async function collect(session: Session, _: readonly unknown[], flags: PayFlags): Promise<void> {
  await session.withClient(async ({ money }) => {
    const token = await money.token()
    const held = await money.held()
    const sum = held.reduce((all, { amount }) => all + amount, 0n)
    if (held.length === 0)
      return session.output.result({ collected: [] }, [say`Nothing lies at other addresses`])
    const what = say`Brings ${showAmount(sum, token)} from ${held.length} of your addresses to the account, in two transactions each, for everybody to see`
    await confirm(session, what, flags)
    const done = await money.collect()
    session.output.result(
      { collected: done.map(({ held: { address, amount }, tx }) => ({ address, amount, ...tx })) },
      done.map(({ held: { address, amount } }) => say`Brought  ${showAmount(amount, token)} from ${address}`),
    )
  })
}

const coins = (wei: bigint): Said => say`${formatAmount(wei, 18)} coins`

const nameOf = (name: string): string => printable(name)
