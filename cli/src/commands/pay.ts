import type { Command } from 'commander'
import { action, leaf } from '../command.ts'
import { withYes } from '../operator/confirm.ts'
import { EXAMPLE, hash, payee, wholeNumber, wholeTokens } from '../parse.ts'
import type { CommonOptions, World } from '../session.ts'
import { history, type HistoryFlags } from './money/history.ts'
import { collect, link, pay, refund, type LinkFlags, type PayFlags } from './money/paying.ts'

const MAX_ENTRIES = 10_000
const EXAMPLE_HASH = `0x${'7c1d'.repeat(16)}`

export function payCommands(program: Command, world: World): void {
  const paying = leaf(program, {
    name: 'pay',
    does: 'pay an address, a payment link, or a contact, who gets a receipt as a message',
    examples: [
      [`pay ${EXAMPLE.payee} 2.5`, 'two and a half tokens'],
      ['pay Bob 2.5 --note "for the tea"', 'a contact; asks where it can be paid, if that is not known'],
      [
        `pay ethereum:${EXAMPLE.arbiter}@1/transfer?address=${EXAMPLE.payee}`,
        'what a link asks for (EIP-681)',
      ],
    ],
  })
    .argument('<to>', 'address, link, or name of a contact', payee)
    .argument('[amount]', 'tokens; may be left out if the link says it', wholeTokens)
    .option('--note <text>', 'for the contact alone; it is not on the chain')
    .option('--id <id>', 'names the payment: what has one id is paid once')
    .option('--again', 'pay though the chain shows such a payment, of which a restored backup knows nothing')
  withYes(paying).action(action<CommonOptions & PayFlags>(world, pay))

  leaf(paying, {
    name: 'link',
    does: 'print a link and a code to be paid by',
    examples: [
      ['pay link 2.5', ''],
      ['pay link --fresh', 'of any amount, to an address that nobody has seen'],
    ],
  })
    .argument('[amount]', 'tokens', wholeTokens)
    .option('--fresh', 'an address of this account that nobody has seen')
    .action(action<CommonOptions & LinkFlags>(world, link))

  leaf(paying, {
    name: 'history',
    does: 'what came and went, and receipts that are not true',
    examples: [['pay history --limit 10', 'the newest ten']],
  })
    .option('--limit <number>', 'so many (default: 50)', wholeNumber(1, MAX_ENTRIES))
    .action(action<CommonOptions & HistoryFlags>(world, history))

  withYes(
    leaf(paying, {
      name: 'refund',
      does: "pay back what a contact's receipt says, once",
      examples: [[`pay refund ${EXAMPLE_HASH}`, 'see: teahouse pay history']],
    })
      .argument('<transaction>', 'hash of the payment that came', hash)
      .option('--note <text>', 'for the contact alone')
      .option(
        '--again',
        'pay though the chain shows such a payment, of which a restored backup knows nothing',
      ),
  ).action(action<CommonOptions & PayFlags>(world, refund))

  withYes(
    leaf(paying, {
      name: 'collect',
      does: 'bring what contacts paid to the account itself; the chain then shows that these addresses are of one person',
      examples: [['pay collect', '']],
    }),
  ).action(action<CommonOptions & PayFlags>(world, collect))
}
