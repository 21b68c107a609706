import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { KeptReceipt } from '@teahouse/client'
import { receiptId } from '@teahouse/protocol/receipts'
import { usage } from '../../errors.ts'
import { counted, showDate } from '../../output.ts'
import { isHash } from '../../parse.ts'
import type { CommonOptions, Session } from '../../session.ts'
import { say } from '../../texts/say.ts'
import { fileText, receiptOf } from './naming.ts'
import { showCase, showMessageReceipt } from './show.ts'

export type StatusFlags = CommonOptions & { readonly page: number; readonly size: number }

/** What one page asks of the chain at a time. */
const STATES_AT_ONCE = 10

export async function status(
  session: Session,
  [named]: readonly unknown[],
  { page, size }: StatusFlags,
): Promise<void> {
  await session.withClient(async (client) => {
    const { courts } = client
    const kept = named === undefined ? await courts.receipts() : [await receiptOf(session, client, named)]
    const pages = Math.max(1, Math.ceil(kept.length / size))
    if (page > pages) throw usage(say`There are ${counted(pages, 'page')}`, say`court status --page 1`)
    const shown = inOrder(kept).slice((page - 1) * size, page * size)
    const all = []
    for (let from = 0; from < shown.length; from += STATES_AT_ONCE)
      all.push(
        ...(await Promise.all(
          shown
            .slice(from, from + STATES_AT_ONCE)
            .map(async ({ receipt }) => ({ receipt, case: await courts.state(receipt) })),
        )),
      )
    const messages = named === undefined && page === 1 ? await client.messageReceipts.list() : []
    const lines = [...all.flatMap(showCase), ...messages.flatMap(showMessageReceipt)]
    if (lines.length === 0) lines.push(say`No receipt is kept`)
    if (pages > 1) lines.push(say`Page ${page} of ${pages}, ${kept.length} receipts in all`)
    session.output.result({ receipts: all, messages, page, pages, total: kept.length }, lines)
  })
}

/** Those that end last come first, so that a page stays what it is while old ones are forgotten. */
const inOrder = (kept: readonly KeptReceipt[]): readonly KeptReceipt[] =>
  kept.toSorted(
    (a, b) => b.receipt.until - a.receipt.until || (receiptId(a.receipt) < receiptId(b.receipt) ? -1 : 1),
  )

const MESSAGE_RECEIPT = '"message receipt"'

export async function keep(
  { world, output, withClient }: Session,
  [file]: readonly unknown[],
): Promise<void> {
  const text = await fileText(world, String(file))
  if (text.includes(MESSAGE_RECEIPT)) {
    const kept = await withClient(({ messageReceipts }) => messageReceipts.import(text))
    return output.result({ ...kept }, showMessageReceipt(kept))
  }
  const { id, receipt } = await withClient(({ courts }) => courts.importReceipt(text))
  output.result({ id, receipt }, [say`Receipt  ${id}`, say`Until    ${showDate(receipt.until)}`])
}

export async function exportTo(
  { world, output, withClient }: Session,
  args: readonly unknown[],
): Promise<void> {
  const [id, file] = args.map(String) as [string, string]
  if (!isHash(id)) throw usage(say`"${id}" is not the id of a receipt`, say`See: teahouse court status`)
  const text = await withClient(async ({ courts, messageReceipts }) => {
    const isOfMessage = (await messageReceipts.list()).some((kept) => kept.id === id.toLowerCase())
    return isOfMessage ? await messageReceipts.export(id) : await courts.exportReceipt(id)
  })
  await writeFile(resolve(world.cwd, file), `${text}\n`)
  output.result({ id, file }, [say`Wrote the receipt into ${file}`])
}
