import type { Command } from 'commander'
import { action, group, leaf } from '../command.ts'
import { withYes } from '../operator/confirm.ts'
import { address, duration, envelope as envelopeId, wholeNumber, wholeTokens } from '../parse.ts'
import type { CommonOptions, World } from '../session.ts'
import * as envelopes from './money/envelopes.ts'

const MAX_SHARES = 128
const EXAMPLE = `0x${'e4a1'.repeat(16)}`
const LINK = 'teahouse:envelope/AQ…'

export function envelopeCommands(program: Command, world: World): void {
  const parent = group(
    program,
    'envelope',
    'red envelopes: an amount in shares, for contacts or for whoever has a link',
  )
  const adding = (name: string, names: readonly string[] = []): string[] => [...names, name]

  withYes(
    leaf(parent, {
      name: 'create',
      does: 'lock an amount in shares',
      examples: [
        ['envelope create 10 --for Bob --for Carol --note 恭喜发财', 'a share each, in their conversations'],
        ['envelope create 10 --shares 5', 'a link whose openers take the next free share'],
        ['envelope create 10 --shares 5 --each --equal', 'five links of two tokens'],
        [
          'envelope create 10 --shares 5 --group tea --members tea.txt',
          'five of a group, without saying which',
        ],
      ],
    })
      .argument('<amount>', 'tokens, of all shares', wholeTokens)
      .option('--shares <number>', 'how many', wholeNumber(1, MAX_SHARES))
      .option('--for <name>', 'a contact; may be given several times', adding)
      .option('--each', 'a link for each share')
      .option('--equal', 'equal shares; at random without it')
      .option('--group <name>', 'for the members of a group, by the name that they agreed on')
      .option(
        '--members <file>',
        'their commitments, one a line, as each has them by: teahouse envelope member',
      )
      .option('--open-for <duration>', 'how long it can be opened (default: 1d)', duration)
      .option('--note <text>', 'a greeting'),
  ).action(action<CommonOptions & envelopes.CreateFlags>(world, envelopes.create))

  withYes(
    leaf(parent, {
      name: 'claim',
      does: 'open an envelope: of a link, from standard input, or what a contact has sent',
      examples: [
        [`envelope claim ${LINK}`, ''],
        ['envelope claim --from Bob', 'the newest one in the conversation'],
      ],
    })
      .argument('[link]', 'the whole link')
      .option('--from <name>', 'a contact')
      .option('--to <address>', 'whom it is paid to (default: this account)', address)
      .option('--relayed', 'let a node send it'),
  ).action(action<CommonOptions & envelopes.ClaimFlags>(world, envelopes.claim))

  leaf(parent, {
    name: 'status',
    does: 'how an envelope stands; without its name, all that this account made',
    examples: [
      ['envelope status', ''],
      [`envelope status ${EXAMPLE}`, 'as printed by: teahouse envelope create'],
    ],
  })
    .argument('[envelope]', 'its name', envelopeId)
    .action(action(world, envelopes.status))

  withYes(
    leaf(parent, {
      name: 'refund',
      does: 'take back what nobody has taken; without a name, of all that this account made and that have expired',
      examples: [['envelope refund', '']],
    }).argument('[envelope]', 'its name', envelopeId),
  ).action(action<CommonOptions & envelopes.RefundFlags>(world, envelopes.refund))

  leaf(parent, {
    name: 'member',
    does: 'print the commitment by which this account is a member of a group, for whoever makes an envelope for it',
    examples: [['envelope member tea', '']],
  })
    .argument('<group>', 'the name that the members agreed on')
    .action(action(world, envelopes.member))
}
