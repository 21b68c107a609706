import { formatAmount, paidBefore, type ReceivedMessage } from '@teahouse/client'
import type { Command } from 'commander'
import { action, leaf, type LeafInit } from '../command.ts'
import { CliError } from '../errors.ts'
import { inWords } from '../explain.ts'
import { counted, payloadText, showPayload, showTime } from '../output.ts'
import { amount, duration, nodeId, topic, wholeNumber } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { readText } from '../stdin.ts'
import { say, type Text } from '../texts/say.ts'

const STEPS = {
  proving: say`Proving: this takes a few seconds …`,
  publishing: say`Sending …`,
  waiting: say`Waiting until the nodes have seen the newest block …`,
}
const MAX_COUNT = 1_000_000
/** What the client pays when it is given no limit; client/src/payments/budget.ts. */
const USUAL =
  '10, and a request 4 times what its operator announced on chain, but 1 at most; 0.01 if it announced nothing'

export function messageCommands(program: Command, world: World): void {
  payable(program, {
    name: 'send',
    does: 'send a message with a proof of membership',
    examples: [
      ['send /my-table/1/chat/utf8 "The tea is ready"', ''],
      ['send /my-table/1/chat/utf8 - < letter.txt', 'the text from standard input'],
      ['send /my-table/1/chat/utf8 Hi --node 2', 'by operator 2 and no other'],
    ],
  })
    .argument('<topic>', 'content topic: /application/version/name/encoding', topic)
    .argument('<text>', 'the message, or - for standard input')
    .option('--node <id>', 'operator id or peer id of the node to use', nodeId)
    .option('--ephemeral', 'nodes relay it but keep no copy')
    .option('--receipt', 'have the node sign that it keeps it; it learns your address: court check')
    .action(action<CommonOptions & SendFlags>(world, send))

  payable(program, {
    name: 'resend',
    does: 'send what no node has acknowledged again, byte for byte; nodes take a message for 20 s',
    examples: [
      ['resend', ''],
      ['resend --node 1 --pay --max 0.01', 'pays for it if the node asks'],
    ],
  })
    .option('--node <id>', 'operator id or peer id of the node to use', nodeId)
    .action(action<CommonOptions & ResendFlags>(world, resend))

  leaf(program, {
    name: 'listen',
    does: 'print messages of a topic as they come, until Ctrl-C',
    examples: [
      ['listen /my-table/1/chat/utf8', ''],
      ['listen /my-table/1/chat/utf8 --count 1 --timeout 60s', 'one message, or exit 1 after a minute'],
      ['listen /my-table/1/chat/utf8 --json', 'one JSON object a message'],
    ],
    json: 'print one JSON object a message; on standard error {"listening": PEER_ID} once ready, and errors',
  })
    .argument('<topic>', 'content topic', topic)
    .option('--count <number>', 'end after so many messages', wholeNumber(1, MAX_COUNT))
    .option('--timeout <duration>', 'end after this time; exit 1 if --count was not reached', duration)
    .option('--node <id>', 'operator id or peer id of the node to use', nodeId)
    .action(action<CommonOptions & ListenOptions>(world, listen))

  payable(program, {
    name: 'history',
    does: 'print the messages of a topic that a node has stored',
    examples: [
      ['history /my-table/1/chat/utf8', ''],
      ['history /my-table/1/chat/utf8 --since 2h --pay', 'pays by voucher if the node asks for it'],
      ['history /my-table/1/chat/utf8 --limit 10 --node 3 --pay', 'the newest ten of operator 3'],
    ],
  })
    .argument('<topic>', 'content topic', topic)
    .option('--since <duration>', 'not older than this', duration)
    .option('--limit <number>', 'the newest so many', wholeNumber(1, MAX_COUNT))
    .option('--node <id>', 'operator id or peer id of the node to ask', nodeId)
    .action(action<CommonOptions & HistoryFlags>(world, history))
}

/** A command of which nodes may ask to be paid. */
function payable(program: Command, init: LeafInit): Command {
  return leaf(program, init)
    .option('--pay', "pay if the node asks, at its offer's price")
    .option('--max <amount>', `the most to pay in all, in tokens (default: ${USUAL})`, amount)
}

interface ResendFlags {
  readonly node?: string
  readonly pay?: boolean
  readonly max?: bigint
}

interface SendFlags extends ResendFlags {
  readonly ephemeral?: boolean
  readonly receipt?: boolean
}

async function send(
  session: Session,
  [contentTopic, given]: readonly unknown[],
  flags: SendFlags,
): Promise<void> {
  const { node, ephemeral, receipt, pay, max: maxPaid } = flags
  const { world, output } = session
  const text = given === '-' ? await readText(world.stdin) : (given as string)
  const payload = new TextEncoder().encode(text)
  const onProgress = (step: keyof typeof STEPS) => output.progress(STEPS[step])
  const sent = await session.withClient((client) =>
    client.send({
      contentTopic: contentTopic as string,
      payload,
      node,
      receipt,
      ephemeral,
      pay,
      maxPaid,
      onProgress,
      signal: world.signal,
    }),
  )
  output.result({ ...sent }, [
    say`Sent     ${sent.messageHash}`,
    say`By       ${sent.peerId}, relayed to ${counted(sent.relayPeers, 'peer')}; ${formatAmount(sent.paid)} tokens paid`,
    say`Proof    ${sent.provedInMs} ms; ${counted(sent.left, 'message')} left in this epoch`,
    ...(sent.receipt ? [receiptLine(sent.receipt)] : []),
  ])
}

const receiptLine = (receipt: { readonly id: string } | { readonly refused: string }): Text =>
  'id' in receipt ? say`Receipt  ${receipt.id}` : say`Receipt  none: ${receipt.refused}`

async function resend(
  session: Session,
  _: readonly unknown[],
  { node, pay, max }: ResendFlags,
): Promise<void> {
  const { output, world } = session
  await session.withClient(async ({ outbox }) => {
    const results = []
    const lines: Text[] = []
    let total = 0n
    for (const messageHash of await outbox.pending()) {
      const maxPaid = max === undefined ? undefined : max - total
      const options = { node, pay, maxPaid, signal: world.signal }
      const { outcome, text, paid } = await outbox.resend(messageHash, options).then(
        (sent) => ({ outcome: 'sent', text: say`sent`, paid: sent.paid }),
        (error: unknown) => ({
          outcome: error instanceof Error ? error.message : String(error),
          text: inWords(error, world.env),
          paid: paidBefore(error),
        }),
      )
      total += paid
      results.push({ messageHash, outcome, paid })
      lines.push(say`${messageHash}  ${text}`)
    }
    const failed = results.filter(({ outcome }) => outcome !== 'sent').length
    if (total > 0n) lines.push(say`${formatAmount(total)} tokens paid`)
    output.result(
      { messages: results, paid: total },
      lines.length > 0 ? lines : [say`Nothing waits to be sent`],
    )
    if (failed > 0)
      throw new CliError(`${failed} of the messages could not be sent`, { code: 'PARTLY_SENT', failed })
  })
}

interface ListenOptions {
  readonly count?: number
  readonly timeout?: number
  readonly node?: string
}

async function listen(
  session: Session,
  [contentTopic]: readonly unknown[],
  options: ListenOptions,
): Promise<void> {
  const { count = Infinity, timeout, node } = options
  const { output, world } = session
  const timer = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1_000)
  const signal = timer ? AbortSignal.any([world.signal, timer]) : world.signal
  await session.withClient(async (client) => {
    const subscription = client.listen({
      contentTopic: contentTopic as string,
      ...(node && { node }),
      signal,
    })
    const listening = await subscription.ready
    output.notice({ listening }, say`Listening at ${listening}; Ctrl-C ends it`)
    let received = 0
    for await (const message of subscription) {
      output.result(describe(message), [`${showTime(message.timestamp)}  ${showPayload(message.payload)}`])
      if (++received >= count) break
    }
    if (timer?.aborted && received < count && count !== Infinity) {
      const detail = { code: 'TIMED_OUT', afterSeconds: timeout! } as const
      throw new CliError(`${received} of ${count} messages came in ${timeout} s`, detail)
    }
  })
}

interface HistoryFlags {
  readonly since?: number
  readonly limit?: number
  readonly node?: string
  readonly pay?: boolean
  readonly max?: bigint
}

async function history(
  session: Session,
  [contentTopic]: readonly unknown[],
  flags: HistoryFlags,
): Promise<void> {
  const { since, limit, node, pay, max } = flags
  const { output, world } = session
  if (pay) output.progress(say`Asking; paying, if the node wants it, may wait for a block …`)
  const found = await session.withClient((client) =>
    client.history({
      contentTopic: contentTopic as string,
      since: since === undefined ? undefined : Date.now() / 1000 - since,
      newest: limit !== undefined,
      limit,
      node,
      pay,
      maxPaid: max,
      signal: world.signal,
    }),
  )
  const { messages, paid, pages, peerId, operatorId } = found
  output.result({ messages: messages.map(describe), paid, pages, peerId, operatorId }, [
    ...messages.map((message) => `${showTime(message.timestamp)}  ${showPayload(message.payload)}`),
  ])
  output.progress(
    say`${counted(messages.length, 'message')} in ${counted(pages, 'page')} from ${peerId}, ${formatAmount(paid)} tokens paid`,
  )
}

function describe({ messageHash, contentTopic, payload, timestamp }: ReceivedMessage) {
  const text = payloadText(payload)
  return { messageHash, contentTopic, timestamp, payload, ...(text !== undefined && { text }) }
}
