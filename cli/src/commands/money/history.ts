import { showAmount, type FalseReceipt, type HistoryEntry } from '@teahouse/client'
import { printable } from '../../output.ts'
import type { Session } from '../../session.ts'
import { say, type Said } from '../../texts/say.ts'

export interface HistoryFlags {
  readonly limit?: number
}

/** What is wrong with a receipt. */
const WHY: Readonly<Record<FalseReceipt, Said>> = {
  chain: say`it is of another chain`,
  token: say`it is of a token that is none of this network`,
  address: say`it names an address that this contact was not told`,
  transfer: say`the chain shows no such payment`,
  repeated: say`another message was the receipt of this payment`,
}
const STATES = { sending: say`on its way`, failed: say`refused`, dropped: say`not paid` }

export async function history(session: Session, _: readonly unknown[], flags: HistoryFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { contacts } = await client.chat()
    const names = new Map(contacts.list().map(({ account, name }) => [account, printable(name)]))
    const { money } = client
    const [{ entries, doubtful }, held] = await Promise.all([money.history(flags), money.held()])
    const token = await money.token()
    const lines = entries.map((entry) => showEntry(entry, names))
    const doubts = doubtful.map(({ contact, amount, hash, verdict }) => {
      const why = verdict.state === 'false' ? say`FALSE: ${WHY[verdict.why]}` : say`not seen on the chain yet`
      return say`  ${names.get(contact) ?? contact} says to have paid ${showAmount(amount, token)} in ${hash}: ${why}`
    })
    const elsewhere = held.reduce((sum, { amount }) => sum + amount, 0n)
    session.output.result({ entries: entries.map(plain), doubtful, held }, [
      ...(lines.length > 0 ? lines : [say`Nothing came or went`]),
      ...(doubts.length > 0 ? [say`Receipts that count for nothing:`, ...doubts] : []),
      ...(elsewhere > 0n
        ? [
            say`${showAmount(elsewhere, token)} lie at addresses that contacts were told: teahouse pay collect`,
          ]
        : []),
    ])
  })
}

const plain = ({ token, ...entry }: HistoryEntry) => ({
  ...entry,
  ...{ token: token.address, symbol: token.symbol, decimals: token.decimals },
})

const PLACES = {
  in: (who: string) => say`from ${who}`,
  out: (who: string) => say`to ${who}`,
  own: (who: string) => say`within ${who}`,
}

function showEntry(entry: HistoryEntry, names: ReadonlyMap<string, string>): Said {
  const { direction, amount, token, contact, contract, other, note, hash, payment, at } = entry
  const name = contact === undefined ? undefined : (names.get(contact) ?? contact.slice(0, 8))
  const sign = direction === 'in' ? '+' : direction === 'out' ? '-' : ' '
  const state = payment && payment.state !== 'paid' ? say`  (${STATES[payment.state]})` : ''
  const said = note ? `  ${printable(note)}` : ''
  const sum = `${sign}${showAmount(amount, token)}`.padStart(20)
  const place = PLACES[direction](name ?? contract ?? other)
  return say`${new Date(at).toISOString()}  ${sum}  ${place}${said}${state}  ${hash}`
}
