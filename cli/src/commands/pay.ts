import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { action, leaf } from '../command.ts'
import { EXAMPLE, address, amount } from '../parse.ts'
import type { Session, World } from '../session.ts'
import { say } from '../texts/say.ts'

export function payCommands(program: Command, world: World): void {
  leaf(program, {
    name: 'pay',
    does: 'send tokens to an address',
    examples: [[`pay ${EXAMPLE.payee} 2.5`, 'two and a half tokens']],
  })
    .argument('<to>', 'address', address)
    .argument('<amount>', 'tokens', amount)
    .action(action(world, pay))
}

async function pay(session: Session, args: readonly unknown[]): Promise<void> {
  const [to, tokens] = args as [Address, bigint]
  session.output.progress(say`Waiting for the block with the payment …`)
  const tx = await session.withClient((client) => client.pay(to, tokens))
  session.output.result({ to, amount: tokens, ...tx }, [
    say`Paid ${formatAmount(tokens)} tokens to ${to} in ${tx.hash}`,
  ])
}
