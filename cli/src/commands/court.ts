import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  formatAmount,
  type Client,
  type CourtCase,
  type Evidence,
  type KeptMessageReceipt,
  type KeptReceipt,
  type TxResult,
} from '@teahouse/client'
import { receiptId } from '@teahouse/protocol/receipts'
import type { Command } from 'commander'
import { formatEther, type Hex } from 'viem'
import { action, group, leaf } from '../command.ts'
import { CliError, usage } from '../errors.ts'
import { counted, showDate } from '../output.ts'
import { wholeNumber } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { say, type Said, type Text } from '../texts/say.ts'

const FILE = 'receipt.json'
const RECEIPT = 'file with a receipt, or the id of one that is kept'

/** `teahouse court`: what can be done with a receipt. */
export function courtCommands(program: Command, world: World): void {
  const court = group(program, 'court', 'hold nodes to what they promised to keep')

  leaf(court, {
    name: 'status [receipt]',
    does: 'show the receipts that are kept, a page at a time, or how one stands before the court',
    examples: [
      ['court status', ''],
      ['court status --page 2 --size 100', 'the next hundred'],
      [`court status ${FILE}`, 'of one that somebody handed over'],
    ],
  })
    .option('--page <number>', 'which page', wholeNumber(1, 1_000_000), 1)
    .option('--size <number>', 'receipts of a page', wholeNumber(1, 500), 20)
    .action(action<StatusFlags>(world, status))

  leaf(court, {
    name: 'keep <file>',
    does: 'take in a receipt that somebody handed over, if stake stands behind it',
    examples: [[`court keep ${FILE}`, '']],
  }).action(action(world, keep))

  leaf(court, {
    name: 'export <receipt> <file>',
    does: 'write a receipt into a file, for whom it is handed to',
    examples: [[`court export 0x5f2c… ${FILE}`, '']],
  }).action(action(world, exportTo))

  step(court, 'challenge', "the receipt's client: ask the node for a part of what it keeps", [
    [`court challenge ${FILE}`, 'says what bond it takes; sends nothing'],
    [`court challenge ${FILE} --yes`, 'the bond comes back unless the node answers'],
  ]).action(action<YesFlags>(world, challenge))

  leaf(court, {
    name: 'answer',
    does: 'show the part that was drawn, by hand; a node does this by itself',
    examples: [[`court answer ${FILE} --content tea.bin`, '']],
  })
    .argument('<receipt>', RECEIPT)
    .requiredOption('--content <file>', 'what the receipt is about')
    .action(action<CommonOptions & { content: string }>(world, answer))

  leaf(court, {
    name: 'resolve',
    does: 'take a challenge a step further: draw, let it lapse, or convict the node that was silent',
    examples: [[`court resolve ${FILE}`, 'run it again when court status says so']],
  })
    .argument('<receipt>', RECEIPT)
    .action(action(world, resolveCase))

  step(court, 'notice', "the operator's owner or node key: end a promise early, for a penalty", [
    [`court notice ${FILE}`, 'says what it costs; sends nothing'],
    [`court notice ${FILE} --yes`, 'the content has to stay until the notice has run out'],
  ]).action(action<YesFlags>(world, notice))

  leaf(court, {
    name: 'check',
    does: 'hold the receipts for messages against what nodes signed of their hours; what is missing becomes evidence',
    examples: [['court check', 'ten minutes after the end of an hour its root is signed']],
  }).action(action(world, check))

  leaf(court, {
    name: 'evidence',
    does: 'show what was gathered that convicts nodes, or submit it',
    examples: [
      ['court evidence', ''],
      ['court evidence --submit 0a1b2c3d4e5f6071', 'the reward is yours'],
    ],
  })
    .option('--submit <id>', 'give it to the archive court')
    .action(action<CommonOptions & { submit?: string }>(world, evidence))
}

type StatusFlags = CommonOptions & { readonly page: number; readonly size: number }
type YesFlags = CommonOptions & { readonly yes?: boolean }

function step(
  parent: Command,
  name: string,
  does: string,
  examples: readonly (readonly [string, string])[],
): Command {
  return leaf(parent, { name, does, examples })
    .argument('<receipt>', RECEIPT)
    .option('--yes', 'send the transaction')
}

/** The receipt that an argument names. Throws CliError NO_FILE, CourtError NOT_A_RECEIPT or UNKNOWN_RECEIPT. */
async function receiptOf({ world }: Session, client: Client, named: unknown): Promise<KeptReceipt> {
  const text = String(named)
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return await client.courts.receipt(text as Hex)
  const { readReceipt } = await import('@teahouse/client')
  return readReceipt(await readText(world, text))
}

async function readText({ cwd }: World, name: string): Promise<string> {
  const path = resolve(cwd, name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CliError(`There is no file ${name}`, { code: 'NO_FILE', path })
    throw error
  })
  return text.trim()
}

/** What one page asks of the chain at a time. */
const STATES_AT_ONCE = 10

async function status(
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
    const lines = [...all.flatMap(show), ...messages.flatMap(showMessage)]
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

async function keep({ world, output, withClient }: Session, [file]: readonly unknown[]): Promise<void> {
  const text = await readText(world, String(file))
  if (text.includes(MESSAGE_RECEIPT)) {
    const kept = await withClient(({ messageReceipts }) => messageReceipts.import(text))
    return output.result({ ...kept }, showMessage(kept))
  }
  const { id, receipt } = await withClient(({ courts }) => courts.importReceipt(text))
  output.result({ id, receipt }, [say`Receipt  ${id}`, say`Until    ${showDate(receipt.until)}`])
}

async function exportTo({ world, output, withClient }: Session, args: readonly unknown[]): Promise<void> {
  const [id, file] = args.map(String) as [string, string]
  if (!/^0x[0-9a-fA-F]{64}$/.test(id))
    throw usage(say`"${id}" is not the id of a receipt`, say`See: teahouse court status`)
  const text = await withClient(async ({ courts, messageReceipts }) => {
    const isOfMessage = (await messageReceipts.list()).some((kept) => kept.id === id.toLowerCase())
    return isOfMessage ? await messageReceipts.export(id as Hex) : await courts.exportReceipt(id as Hex)
  })
  await writeFile(resolve(world.cwd, file), `${text}\n`)
  output.result({ id, file }, [say`Wrote the receipt into ${file}`])
}

async function challenge(session: Session, [named]: readonly unknown[], { yes }: YesFlags): Promise<void> {
  await session.withClient(async (client) => {
    const { courts } = client
    const kept = await receiptOf(session, client, named)
    const id = receiptId(kept.receipt)
    if (!yes) return offer(session, { id, bond: await courts.bond(kept.receipt) })
    session.output.progress(say`Waiting for the block …`)
    const { hash, bond } = await courts.challenge(kept)
    session.output.result({ id, hash, bond }, [
      say`Challenged  ${id} in ${hash}`,
      say`Bond        ${formatEther(bond)} coins`,
      say`Next        teahouse court resolve, when a leaf can be drawn`,
    ])
  })
}

function offer({ output }: Session, { id, bond }: { id: Hex; bond: bigint }): void {
  output.result({ id, bond, sent: false }, [
    say`Receipt  ${id}`,
    say`Bond     ${formatEther(bond)} coins, which an answer of the node uses up`,
    say`Nothing was sent. Add --yes to challenge`,
  ])
}

async function answer(
  session: Session,
  [named]: readonly unknown[],
  flags: { content: string },
): Promise<void> {
  const path = resolve(session.world.cwd, flags.content)
  const content = new Uint8Array(await readFile(path))
  await act(session, named, say`Answered`, ({ courts }, { receipt }) => courts.answer(receipt, content))
}

const DID = { draw: say`Drawn`, lapse: say`Lapsed`, convict: say`Convicted` } as const

async function resolveCase(session: Session, [named]: readonly unknown[]): Promise<void> {
  session.output.progress(say`Waiting for the block …`)
  await session.withClient(async (client) => {
    const { receipt } = await receiptOf(session, client, named)
    const { did, ...tx } = await client.courts.resolve(receipt)
    session.output.result({ id: receiptId(receipt), did, ...tx }, [say`${DID[did]} in ${tx.hash}`])
  })
}

async function notice(session: Session, [named]: readonly unknown[], { yes }: YesFlags): Promise<void> {
  if (yes)
    return act(session, named, say`Given notice`, ({ courts }, { receipt }) => courts.giveNotice(receipt))
  await session.withClient(async (client) => {
    const { receipt } = await receiptOf(session, client, named)
    const id = receiptId(receipt)
    const penalty = await client.courts.penalty(receipt)
    session.output.result({ id, penalty, sent: false }, [
      say`Receipt  ${id}`,
      say`Penalty  ${formatAmount(penalty)} tokens, to the client`,
      say`Nothing was sent. Add --yes to give notice`,
    ])
  })
}

async function act(
  session: Session,
  named: unknown,
  done: Said,
  task: (client: Client, kept: KeptReceipt) => Promise<TxResult>,
): Promise<void> {
  session.output.progress(say`Waiting for the block …`)
  await session.withClient(async (client) => {
    const kept = await receiptOf(session, client, named)
    const tx = await task(client, kept)
    session.output.result({ id: receiptId(kept.receipt), ...tx }, [say`${done} in ${tx.hash}`])
  })
}

async function evidence(
  session: Session,
  _: readonly unknown[],
  { submit }: { submit?: string },
): Promise<void> {
  await session.withClient(async ({ courts }) => {
    if (submit !== undefined) {
      const tx = await courts.submit(submit)
      return session.output.result({ submitted: submit, ...tx }, [say`Convicted in ${tx.hash}`])
    }
    const found = await courts.evidence()
    const lines = found.map(showFault)
    session.output.result({ evidence: found }, [say`${counted(found.length, 'fault')} found`, ...lines])
  })
}

async function check({ output, withClient }: Session): Promise<void> {
  const checked = await withClient(({ messageReceipts }) => messageReceipts.checkAll())
  const lines = checked.map((one) =>
    one.verdict === 'omitted'
      ? say`${one.id}  omitted: teahouse court evidence --submit ${one.evidence}`
      : say`${one.id}  ${VERDICTS[one.verdict]}`,
  )
  output.result({ checked }, lines.length > 0 ? lines : [say`No receipt for a message is kept`])
}

const VERDICTS = { kept: say`kept: the message is in the root`, early: say`no root of its hour yet` }
const MESSAGE_RECEIPT = '"message receipt"'

function showFault(found: Evidence): Text {
  if (found.fault === 'omission') {
    const { operator, shard, hour, messageHash } = found.receipt
    return say`${found.id}  operator ${operator} left out ${messageHash} of shard ${shard}, hour ${hour}`
  }
  const { operator, shard, hour } = found.first
  return say`${found.id}  operator ${operator} said two things of shard ${shard}, hour ${hour}`
}

function showMessage({ id, receipt }: KeptMessageReceipt): Text[] {
  const { operator, messageHash, shard, hour, liability } = receipt
  return [
    say`Receipt  ${id}`,
    say`  operator ${operator} has message ${messageHash} in the root of shard ${shard}, hour ${hour}, or loses ${formatAmount(liability)} tokens`,
  ]
}

const STAGES: Readonly<Record<CourtCase['stage'], Said>> = {
  quiet: say`quiet`,
  open: say`under challenge`,
  drawn: say`drawn`,
  convicted: say`convicted`,
}
const NEXT: Readonly<Record<CourtCase['next'], Said>> = {
  challenge: say`challenge`,
  wait: say`wait`,
  draw: say`draw`,
  answer: say`answer it`,
  lapse: say`let it lapse`,
  convict: say`convict`,
  nothing: say`nothing`,
}

function show({ receipt, case: found }: { receipt: KeptReceipt['receipt']; case: CourtCase }): Text[] {
  const { operator, size, until, liability } = receipt
  const { id, stage, deadline, endsAt, next } = found
  return [
    say`Receipt  ${id}`,
    say`  operator ${operator} keeps ${size} bytes until ${showDate(endsAt ?? until)}, or loses ${formatAmount(liability)} tokens`,
    say`  ${STAGES[stage]}${deadline === undefined ? '' : say` until ${showDate(deadline)}`}; next: ${NEXT[next]}`,
  ]
}
