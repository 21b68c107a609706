import type { Command } from 'commander'
import { action, group, leaf } from '../command.ts'
import { wholeNumber } from '../parse.ts'
import type { CommonOptions, World } from '../session.ts'
import { answer, challenge, notice, resolveCase, type YesFlags } from './court/cases.ts'
import { check, evidence } from './court/evidence.ts'
import { exportTo, keep, status, type StatusFlags } from './court/receipts.ts'

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
