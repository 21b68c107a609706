import {
  formatAmount,
  lastEnd,
  sentenceOf,
  type Client,
  type DealTerms,
  type Signable,
  type TxResult,
} from '@teahouse/client'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { action } from '../../command.ts'
import { agree } from '../../operator/confirm.ts'
import { EXAMPLE, amount, deal as dealId, signature } from '../../parse.ts'
import type { Session, World } from '../../session.ts'
import { costOf, type Step } from './chain-view.ts'
import { localeOf, step, type StepFlags } from './flags.ts'
import { say, type Said, type Text } from '../../texts/say.ts'

/** What a step does, in words, where the account does not keep what was agreed. */
type Plainly = (terms: DealTerms, left: bigint) => Said

interface Act {
  readonly deal: Hex
  readonly cost: Step
  /** What would be signed for it: its sentence is shown. */
  readonly signs?: Unsigned
  readonly plainly: Plainly
  readonly done: Said
  readonly run: (client: Client) => Promise<TxResult>
}
/** The deadline follows from the terms. */
type Unsigned = Signable extends infer S
  ? S extends { deadline: number }
    ? Omit<S, 'deadline'>
    : never
  : never

const tokens = (value: bigint): Said => say`${formatAmount(value)} tokens`

/** Steps of a deal that holds money. */
export function actCommands(deal: Command, world: World): void {
  step(deal, {
    name: 'release',
    does: 'payer: pay what is left to the payee, or a part of it',
    examples: [
      [`deal release ${EXAMPLE.deal}`, ''],
      [`deal release ${EXAMPLE.deal} --part 4`, 'so that the payee has 4 tokens in all'],
    ],
  })
    .argument('<deal>', 'id', dealId)
    .option('--part <amount>', 'what the payee shall have got in all', amount)
    .action(action<StepFlags & { part?: bigint }>(world, release))

  const simple = (name: 'refund' | 'dispute' | 'answer' | 'expire', does: string, words: Simple): void => {
    step(deal, { name, does, examples: [[`deal ${name} ${EXAMPLE.deal}`, '']] })
      .argument('<deal>', 'id', dealId)
      .action(action<StepFlags>(world, (session, [id], flags) => act(session, words(id as Hex), flags)))
  }
  simple('refund', 'payee: give everything back to the payer', (id) => ({
    ...{ deal: id, cost: 'refund', signs: { act: 'Refund' }, done: say`Refunded` },
    plainly: (_, left) => say`What is left, ${tokens(left)}, goes back to the payer`,
    run: ({ deals }) => deals.refund(id),
  }))
  simple('dispute', 'either party: call the arbiter', (id) => ({
    ...{ deal: id, cost: 'dispute', done: say`Disputed` },
    plainly: ({ bond, arbiterFee }) =>
      say`The arbiter is called; a ruling costs ${tokens(arbiterFee)}${bond > 0n ? say`, and you deposit ${tokens(bond)}` : ''}`,
    run: ({ deals }) => deals.dispute(id),
  }))
  simple('answer', 'deposit the bond of the side that was called to answer', (id) => ({
    ...{ deal: id, cost: 'answer', signs: { act: 'Answer' }, done: say`Answered` },
    plainly: ({ bond }) => say`You deposit ${tokens(bond)}`,
    run: ({ deals }) => deals.answer(id),
  }))
  simple('expire', 'anyone, once the last window is over: the outcome that the terms foresee', (id) => ({
    ...{ deal: id, cost: 'expire', done: say`Expired` },
    plainly: () => say`The deal ends as its terms foresee it`,
    run: ({ deals }) => deals.expire(id),
  }))

  step(deal, {
    name: 'rule',
    does: 'arbiter: split a disputed deal; what the payee and the arbiter do not get goes to the payer',
    examples: [[`deal rule ${EXAMPLE.deal} 12.5`, '12.5 tokens to the payee']],
  })
    .argument('<deal>', 'id', dealId)
    .argument('<payee-amount>', 'tokens for the payee', amount)
    .action(
      action<StepFlags>(world, (session, [id, share], flags) =>
        act(session, ruling(id as Hex, share as bigint), flags),
      ),
    )

  step(deal, {
    name: 'settle',
    does: 'both parties: close by a split that both sign; without --signature prints yours for the other party',
    examples: [
      [`deal settle ${EXAMPLE.deal} 15`, 'prints a signature to hand over'],
      [
        `deal settle ${EXAMPLE.deal} 15 --signature ${EXAMPLE.signature}`,
        'closes, with the signature of the other party',
      ],
    ],
  })
    .argument('<deal>', 'id', dealId)
    .argument('<payee-amount>', 'tokens for the payee', amount)
    .option('--signature <hex>', "the other party's signature", signature)
    .action(action<StepFlags & { signature?: Hex }>(world, settle))
}
type Simple = (id: Hex) => Act

const ruling = (deal: Hex, payeeAmount: bigint): Act => ({
  ...{ deal, cost: 'rule', signs: { act: 'Ruling', payeeAmount }, done: say`Ruled` },
  plainly: () => say`${tokens(payeeAmount)} go to the payee, the fee to you, the rest to the payer`,
  run: ({ deals }) => deals.rule(deal, payeeAmount),
})

function release(
  session: Session,
  [id]: readonly unknown[],
  flags: StepFlags & { part?: bigint },
): Promise<void> {
  const [deal, { part }] = [id as Hex, flags]
  const whole: Act = {
    ...{ deal, cost: 'release', signs: { act: 'Release' }, done: say`Released` },
    plainly: (_, left) => say`What is left, ${tokens(left)}, goes to the payee`,
    run: ({ deals }) => deals.release(deal),
  }
  if (part === undefined) return act(session, whole, flags)
  return act(
    session,
    {
      ...{ deal, cost: 'release', signs: { act: 'PartRelease', total: part }, done: say`Released in part` },
      plainly: () => say`The payee shall have got ${tokens(part)} in all`,
      run: ({ deals }) => deals.releasePart(deal, part),
    },
    flags,
  )
}

/** Says what a step does and costs, asks, and takes it. */
async function act(
  session: Session,
  { deal, cost, signs, plainly, done, run }: Act,
  flags: StepFlags,
): Promise<void> {
  const tx = await session.withClient(async (client) => {
    const { terms, left } = await client.deals.status(deal)
    await agree(
      session,
      say`${await sentence(session, client, deal, signs, () => plainly(terms, left))}\n${await costOf(session, cost, flags)}`,
      flags,
    )
    session.output.progress(say`Waiting for the block …`)
    return await run(client)
  }, flags)
  session.output.result({ deal, ...tx }, [say`${done} in ${tx.hash}`])
}

/** The sentence of what was agreed, if this account keeps it. */
async function sentence(
  session: Session,
  { dealKit }: Client,
  deal: Hex,
  signs: Unsigned | undefined,
  plainly: () => Said,
): Promise<Text> {
  const offer = signs && (await dealKit.offers.get(deal).catch(() => undefined))
  if (!offer || !signs) return plainly()
  return sentenceOf(offer.statement, { ...signs, deadline: lastEnd(offer.terms) }, localeOf(session))
}

async function settle(
  session: Session,
  args: readonly unknown[],
  flags: StepFlags & { signature?: Hex },
): Promise<void> {
  const [deal, payeeAmount] = args as [Hex, bigint]
  const { signature: theirs } = flags
  const plainly = () => say`${tokens(payeeAmount)} go to the payee, the rest to the payer`
  if (theirs)
    return act(
      session,
      {
        ...{ deal, cost: 'settle', signs: { act: 'Settlement', payeeAmount }, plainly, done: say`Settled` },
        run: ({ deals }) => deals.settle(deal, payeeAmount, theirs),
      },
      flags,
    )
  const signed = await session.withClient(async (client) => {
    await agree(
      session,
      say`${await sentence(session, client, deal, { act: 'Settlement', payeeAmount }, plainly)}\n${say`Signing costs nothing`}`,
      flags,
    )
    return await client.deals.signSettlement(deal, payeeAmount)
  })
  session.output.result({ deal, payeeAmount, signature: signed }, [
    say`Signature  ${signed}`,
    say`The other party runs: teahouse deal settle ${deal} ${formatAmount(payeeAmount)} --signature ${signed}`,
  ])
}
