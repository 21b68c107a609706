import type { Command } from 'commander'
import { z } from 'zod'
import { action, group, leaf } from '../../command.ts'
import { CliError, usage } from '../../errors.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { nodeApi } from '../../operator/node-api.ts'
import { showDate } from '../../output.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

type Flags = CommonOptions & FolderFlags

interface ForgetFlags extends Flags {
  readonly ahead?: boolean
}

const HASH = '0x5f2c…'

/** `teahouse node store`: what the operator's own node keeps no more. */
export function nodeStoreCommands(node: Command, world: World): void {
  const store = group(node, 'store', 'forget messages at the node, and see what it has forgotten')

  withDir(
    leaf(store, {
      name: 'forget <hash>',
      does: 'remove a message from the running node, for good: it is given to nobody and not taken in again. Other nodes keep it',
      examples: [
        [`node store forget ${HASH}`, 'by its message hash'],
        [`node store forget ${HASH} --ahead`, 'one that has not come yet: it is not taken in'],
      ],
    }).option('--ahead', 'also a hash of which the node has no message'),
  ).action(action<ForgetFlags>(world, forget))

  withDir(
    leaf(store, {
      name: 'forgotten',
      does: 'show the newest hundred messages that the running node has forgotten, and by whose order',
      examples: [['node store forgotten', 'everybody can see the same, over the API']],
    }),
  ).action(action<Flags>(world, forgotten))
}

const Outcome = z.object({ had: z.boolean(), again: z.boolean() })
const Page = z.object({
  forgotten: z.array(z.object({ messageHash: z.string(), at: z.number(), by: z.string(), had: z.boolean() })),
  paginationCursor: z.string().optional(),
})
const Refused = z.object({ code: z.string(), message: z.string() })

async function forget(session: Session, [given]: readonly unknown[], flags: ForgetFlags): Promise<void> {
  const messageHash = String(given)
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(messageHash))
    throw usage(
      say`"${messageHash}" is no message hash`,
      say`32 bytes in hex, such as an answer of a store has them`,
    )
  const { config } = await openFolder(session, flags)
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ messageHash, ahead: flags.ahead === true })
  const api = nodeApi(config, session.world.signal)
  const answer = await api.ask('/admin/v1/forgotten', { method: 'POST', headers, body })
  const { had, again } = outcomeOf(answer)
  session.output.result({ messageHash, had, again }, [
    had
      ? say`Removed it from the archive`
      : again
        ? say`It was forgotten before`
        : say`It was not in the archive`,
    say`The node gives it to nobody and does not take it in again; other nodes may have it`,
  ])
}

function outcomeOf(answer: unknown): z.output<typeof Outcome> {
  const done = Outcome.safeParse(answer)
  if (done.success) return done.data
  const refused = Refused.safeParse(answer)
  const { code, message } = refused.success
    ? refused.data
    : { code: 'UNKNOWN', message: 'It says nothing of it' }
  throw new CliError(`The node has not forgotten it: ${message}`, { code: 'NOT_FORGOTTEN', reason: code })
}

async function forgotten(session: Session, _: readonly unknown[], flags: Flags): Promise<void> {
  const { config } = await openFolder(session, flags)
  const page = Page.parse(await nodeApi(config, session.world.signal).ask('/store/v1/forgotten'))
  const lines = page.forgotten.map(
    ({ messageHash, at, by, had }) =>
      say`${messageHash}  ${showDate(at)}  ${by}${had ? '' : say`, before it came`}`,
  )
  session.output.result(page, lines.length > 0 ? lines : [say`Nothing is forgotten`])
}
