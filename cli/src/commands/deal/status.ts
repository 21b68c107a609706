import { dealState, describeOffer } from '@teahouse/client'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { action, leaf } from '../../command.ts'
import { EXAMPLE, deal as dealId } from '../../parse.ts'
import type { Session, World } from '../../session.ts'
import { localeOf } from './flags.ts'
import { showDeal, showMoves } from './text.ts'
import { say } from '../../texts/say.ts'

export function statusCommand(deal: Command, world: World): void {
  leaf(deal, {
    name: 'status',
    does: 'show what a deal says, how it stands and what may be done; without an id, those whose opening was interrupted',
    examples: [
      [`deal status ${EXAMPLE.deal}`, ''],
      ['deal status --json', 'what was to be opened when a command or a connection broke off'],
    ],
  })
    .argument('[deal]', 'id', dealId)
    .action(action(world, status))
}

async function status(session: Session, [id]: readonly unknown[]): Promise<void> {
  if (id === undefined) return pending(session)
  await session.withClient(async ({ deals, dealKit }) => {
    const found = await deals.status(id as Hex)
    const offer = await dealKit.offers.get(found.deal).catch(() => undefined)
    const watched = found.state === 'opening' ? undefined : await deals.view(found.deal)
    const now = watched && dealState(watched.terms, watched.view, watched.at)
    const sentence = offer && describeOffer(offer, localeOf(session))
    session.output.result({ ...found, ...(sentence && { sentence }), ...(now && { now }) }, [
      ...(sentence ? [sentence, ''] : []),
      ...showDeal(found),
      ...(now ? showMoves(now) : []),
    ])
  })
}

async function pending(session: Session): Promise<void> {
  const found = await session.withClient(({ deals }) => deals.pending())
  const lines = found.flatMap((deal, at) => (at > 0 ? ['', ...showDeal(deal)] : showDeal(deal)))
  session.output.result({ deals: found }, lines.length > 0 ? lines : [say`No opening was interrupted`])
}
