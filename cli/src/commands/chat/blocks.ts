import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { FollowedList } from '@teahouse/client'
import type { Command } from 'commander'
import { action, group, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { printable } from '../../output.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import type { Texts } from '../../texts/index.ts'
import { cardOfAccount, chatTexts, withChat } from './show.ts'

const FILE = 'blocks.bin'

interface ShareFlags extends CommonOptions {
  readonly name: string
  readonly file?: string
}

interface FollowFlags extends CommonOptions {
  readonly file?: string
}

/** `teahouse chat blocks`: lists of whom to block, made and followed. */
export function blocksCommands(
  chat: Command,
  world: World,
  { blocks: texts, with: write }: Texts['chat'],
): void {
  const blocks = group(chat, 'blocks', texts.does)

  leaf(blocks, {
    name: 'share',
    does: texts.share.does,
    examples: [
      ['chat blocks share --name "Tea club"', texts.share.examples.plain],
      [`chat blocks share --name "Tea club" --file ${FILE}`, texts.share.examples.file],
    ],
  })
    .requiredOption('--name <name>', texts.share.name)
    .option('--file <path>', texts.share.file)
    .action(action<ShareFlags>(world, share))

  leaf(blocks, {
    name: 'follow',
    does: texts.follow.does,
    examples: [
      ['chat blocks follow Bob', texts.follow.examples.plain],
      [`chat blocks follow --file ${FILE}`, texts.follow.examples.file],
    ],
  })
    .argument('[who]', texts.follow.who)
    .option('--file <path>', texts.follow.file)
    .action(action<FollowFlags>(world, follow))

  leaf(blocks, {
    name: 'unfollow',
    does: texts.unfollow.does,
    examples: [['chat blocks unfollow Bob', texts.unfollow.examples.plain]],
  })
    .argument('<who>', write.who)
    .action(action(world, unfollow))

  leaf(blocks, {
    name: 'list',
    does: texts.list.does,
    examples: [['chat blocks list', texts.list.examples.plain]],
  }).action(action(world, list))
}

async function share(session: Session, _: readonly unknown[], { name, file }: ShareFlags): Promise<void> {
  const texts = chatTexts(session).blocks.share
  const { world, output } = session
  await withChat(session, { started: false }, async ({ blockLists }) => {
    if (file === undefined) await blockLists.publish(name)
    else await writeFile(resolve(world.cwd, file), await blockLists.make(name), { flag: 'wx' })
  })
  output.result({ name, file: file ?? null }, [file === undefined ? texts.published : texts.wrote(file)])
}

async function follow(session: Session, [who]: readonly unknown[], { file }: FollowFlags): Promise<void> {
  const texts = chatTexts(session).blocks.follow
  const path = resolve(session.world.cwd, file ?? '')
  const bytes = file === undefined ? undefined : await readFile(path).catch(() => undefined)
  if (file !== undefined && !bytes) throw new CliError(`There is no file ${path}`, { code: 'NO_FILE', path })
  const followed = await withChat(session, { started: false }, ({ blockLists }) =>
    blockLists.follow(bytes ? new Uint8Array(bytes) : ((who as string | undefined) ?? '')),
  )
  session.output.result({ ...followed }, [texts.done(printable(followed.name), followed.accounts)])
}

async function unfollow(session: Session, [who]: readonly unknown[]): Promise<void> {
  await withChat(session, { started: false }, ({ blockLists }) => blockLists.unfollow(who as string))
  session.output.result({ unfollowed: who }, [chatTexts(session).blocks.unfollow.done])
}

async function list(session: Session): Promise<void> {
  const texts = chatTexts(session).blocks.list
  const lists = await withChat(session, { started: false }, async ({ blockLists }) => blockLists.list())
  const line = ({ publisher, name, accounts, madeAt }: FollowedList) =>
    texts.line(printable(name), accounts, new Date(madeAt).toISOString(), cardOfAccount(publisher))
  session.output.result({ lists }, lists.length > 0 ? lists.map(line) : [texts.none])
}
