import type { Client, FalseReceipt, HistoryEntry } from '@teahouse/client'
import { printable } from '../../output.ts'
import type { Session } from '../../session.ts'

export interface HistoryFlags {
  readonly limit?: number
}

const WHY: Readonly<Record<FalseReceipt, string>> = {
  chain: 'it is of another chain',
  token: 'it is of a token that is none of this network',
  address: 'it names an address that this contact was not told',
  transfer: 'the chain shows no such payment',
  repeated: 'another message was the receipt of this payment',
}
const STATES = { sending: 'on its way', failed: 'refused', dropped: 'not paid' } as const

/** What is wrong with a receipt, for people. */
export const whyFalse = (why: FalseReceipt): string => WHY[why]

export async function history(session: Session, _: readonly unknown[], flags: HistoryFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { contacts } = await client.chat()
    const names = new Map(contacts.list().map(({ account, name }) => [account, printable(name)]))
    const { money } = client
    const [{ entries, doubtful }, held] = await Promise.all([money.history(flags), money.held()])
    const token = await money.tokens.of()
    const lines = entries.map((entry) => showEntry(client, entry, names))
    const doubts = doubtful.map(({ contact, amount, hash, verdict }) => {
      const why = verdict.state === 'false' ? `FALSE: ${whyFalse(verdict.why)}` : 'not seen on the chain yet'
      return `  ${names.get(contact) ?? contact} says to have paid ${money.show(amount, token)} in ${hash}: ${why}`
    })
    const elsewhere = held.reduce((sum, { amount }) => sum + amount, 0n)
    session.output.result({ entries: entries.map(plain), doubtful, held }, [
      ...(lines.length > 0 ? lines : ['Nothing came or went']),
      ...(doubts.length > 0 ? ['Receipts that count for nothing:', ...doubts] : []),
      ...(elsewhere > 0n
        ? [`${money.show(elsewhere, token)} lie at addresses that contacts were told: teahouse pay collect`]
        : []),
    ])
  })
}

const plain = ({ token, ...entry }: HistoryEntry) => ({
  ...entry,
  ...{ token: token.address, symbol: token.symbol, decimals: token.decimals },
})

const ARROWS = { in: 'from', out: 'to', own: 'within' } as const

function showEntry({ money }: Client, entry: HistoryEntry, names: ReadonlyMap<string, string>): string {
  const { direction, amount, token, contact, contract, other, note, hash, payment, at } = entry
  const name = contact === undefined ? undefined : (names.get(contact) ?? contact.slice(0, 8))
  const sign = direction === 'in' ? '+' : direction === 'out' ? '-' : ' '
  const state = payment && payment.state !== 'paid' ? `  (${STATES[payment.state]})` : ''
  const said = note ? `  ${printable(note)}` : ''
  const sum = `${sign}${money.show(amount, token)}`.padStart(20)
  return `${new Date(at).toISOString()}  ${sum}  ${ARROWS[direction]} ${name ?? contract ?? other}${said}${state}  ${hash}`
}
