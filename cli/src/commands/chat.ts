import type { Command } from 'commander'
import { action, group, leaf } from '../command.ts'
import { amount, duration, wholeNumber } from '../parse.ts'
import type { CommonOptions, World } from '../session.ts'
import { textsFor, type Texts } from '../texts/index.ts'
import { blocksCommands } from './chat/blocks.ts'
import * as files from './chat/files.ts'
import { listen, type ListenFlags } from './chat/listen.ts'
import * as people from './chat/people.ts'
import { talk, type TalkFlags } from './chat/talk.ts'
import * as writing from './chat/writing.ts'

const MAX_COUNT = 1_000_000
/** Messages an hour; more than a message a minute takes what people are paying for. */
const MAX_COVER = 60
/** A card as it looks, for examples. */
const CARD = `tea1${'bcdf2'.repeat(11)}abc`

export function chatCommands(program: Command, world: World): void {
  const texts = textsFor(world.env).chat
  const chat = group(program, 'chat', texts.does)
  talking(chat, world, texts)
  meeting(chat, world, texts)
  reading(chat, world, texts)
  blocksCommands(chat, world, texts)
}

type ChatTexts = Texts['chat']

/** Writing and receiving. */
function talking(chat: Command, world: World, texts: ChatTexts): void {
  const { with: write } = texts
  leaf(chat, {
    name: 'with',
    does: write.does,
    examples: [
      ['chat with Bob "The tea is ready"', write.examples.text],
      ['chat with Bob - < letter.txt', write.examples.stdin],
      ['chat with Bob', write.examples.talk],
      ['chat send Bob --file photo.jpg --pay', write.examples.file],
    ],
  })
    .alias('send')
    .argument('<name>', write.who)
    .argument('[text]', write.text)
    .option('--file <path>', write.file)
    .option('--days <number>', write.days, wholeNumber(1, 3_650), 30)
    .option('--pay', texts.pay)
    .option('--max <amount>', texts.max, amount)
    .action(action<CommonOptions & files.SendFlags>(world, writing.write))

  const { save } = texts
  leaf(chat, {
    name: 'save',
    does: save.does,
    examples: [
      ['chat save 3f9a', save.examples.plain],
      ['chat save 3f9a photo.jpg', save.examples.path],
    ],
  })
    .argument('<message>', save.message)
    .argument('[path]', save.path)
    .option('--pay', texts.pay)
    .option('--max <amount>', texts.max, amount)
    .action(action<CommonOptions & files.SaveFlags>(world, files.save))

  const { listen: hear } = texts
  leaf(chat, {
    name: 'listen',
    does: hear.does,
    json: hear.json,
    examples: [
      ['chat listen', hear.examples.plain],
      ['chat listen --count 1 --timeout 60s', hear.examples.count],
      ['chat listen --json', hear.examples.json],
    ],
  })
    .option('--count <number>', hear.count, wholeNumber(1, MAX_COUNT))
    .option('--timeout <duration>', hear.timeout, duration)
    .option('--cover <number>', texts.cover, wholeNumber(1, MAX_COVER))
    .action(action<CommonOptions & ListenFlags>(world, listen))

  const { open } = texts
  leaf(chat, {
    name: 'open',
    does: open.does,
    examples: [
      ['chat open', open.examples.plain],
      ['chat open --as Alice', open.examples.name],
      ['chat open --cover 6', open.examples.cover],
    ],
  })
    .option('--as <name>', open.name)
    .option('--cover <number>', texts.cover, wholeNumber(1, MAX_COVER))
    .action(action<CommonOptions & TalkFlags>(world, (session, _, flags) => talk(session, flags)))
}

/** Cards, contacts and requests. */
function meeting(chat: Command, world: World, texts: ChatTexts): void {
  const { card, add, contacts, requests, accept, block } = texts
  leaf(chat, {
    name: 'card',
    does: card.does,
    examples: [
      ['chat card', card.examples.plain],
      ['chat card --json', card.examples.json],
    ],
  }).action(action(world, people.card))

  leaf(chat, {
    name: 'add',
    does: add.does,
    examples: [
      [`chat add ${CARD} --name Bob`, add.examples.plain],
      [`chat add ${CARD} --name Bob --verified`, add.examples.verified],
    ],
  })
    .argument('<card>', add.card)
    .requiredOption('--name <name>', add.name)
    .option('--verified', add.verified)
    .action(action<CommonOptions & people.AddFlags>(world, people.add))

  leaf(chat, {
    name: 'contacts',
    does: contacts.does,
    examples: [
      ['chat contacts', contacts.examples.plain],
      ['chat contacts zw', contacts.examples.search],
    ],
  })
    .argument('[text]', contacts.text)
    .action(action(world, people.contacts))

  leaf(chat, {
    name: 'requests',
    does: requests.does,
    examples: [
      ['chat requests', requests.examples.plain],
      ['chat requests --json', requests.examples.json],
    ],
  }).action(action(world, people.requests))

  leaf(chat, {
    name: 'accept',
    does: accept.does,
    examples: [[`chat accept ${'5f'.repeat(32)} --name Bob`, accept.examples.plain]],
  })
    .argument('<account>', accept.who)
    .option('--name <name>', accept.name)
    .action(action<CommonOptions & people.AcceptFlags>(world, people.accept))

  leaf(chat, {
    name: 'block',
    does: block.does,
    examples: [
      ['chat block Bob', block.examples.plain],
      [`chat block ${'5f'.repeat(32)}`, block.examples.account],
      ['chat block Bob --undo', block.examples.undo],
    ],
  })
    .argument('<who>', accept.who)
    .option('--undo', block.undo)
    .action(action<CommonOptions & people.BlockFlags>(world, people.block))
}

/** What there is. */
function reading(chat: Command, world: World, texts: ChatTexts): void {
  const { list, log } = texts
  leaf(chat, {
    name: 'list',
    does: list.does,
    examples: [
      ['chat list', list.examples.plain],
      ['chat list --json', list.examples.json],
    ],
  }).action(action(world, writing.list))

  leaf(chat, {
    name: 'log',
    does: log.does,
    examples: [
      ['chat log Bob', log.examples.plain],
      ['chat log Bob --limit 10', log.examples.limit],
    ],
  })
    .argument('<name>', texts.with.who)
    .option('--limit <number>', log.limit, wholeNumber(1, MAX_COUNT))
    .action(action<CommonOptions & writing.LogFlags>(world, writing.log))
}
