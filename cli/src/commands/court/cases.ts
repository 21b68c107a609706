import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatAmount, type Client, type KeptReceipt, type TxResult } from '@teahouse/client'
import { receiptId } from '@teahouse/protocol/receipts'
import { formatEther, type Hex } from 'viem'
import type { CommonOptions, Session } from '../../session.ts'
import { say, type Said } from '../../texts/say.ts'
import { receiptOf } from './naming.ts'

export type YesFlags = CommonOptions & { readonly yes?: boolean }

export async function challenge(
  session: Session,
  [named]: readonly unknown[],
  { yes }: YesFlags,
): Promise<void> {
  await session.withClient(async (client) => {
    const { courts } = client
    const kept = await receiptOf(session, client, named)
    const id = receiptId(kept.receipt)
    if (!yes) return offer(session, { id, bond: await courts.bond(kept.receipt) })
    session.output.progress(say`Waiting for the block …`)
    const { hash, bond } = await courts.challenge(kept)
    session.output.result({ id, hash, bond }, [
      say`Challenged  ${id} in ${hash}`,
      say`Bond        ${formatEther(bond)} coins`,
      say`Next        teahouse court resolve, when a leaf can be drawn`,
    ])
  })
}

function offer({ output }: Session, { id, bond }: { id: Hex; bond: bigint }): void {
  output.result({ id, bond, sent: false }, [
    say`Receipt  ${id}`,
    say`Bond     ${formatEther(bond)} coins, which an answer of the node uses up`,
    say`Nothing was sent. Add --yes to challenge`,
  ])
}

export async function answer(
  session: Session,
  [named]: readonly unknown[],
  flags: { content: string },
): Promise<void> {
  const path = resolve(session.world.cwd, flags.content)
  const content = new Uint8Array(await readFile(path))
  await act(session, named, say`Answered`, ({ courts }, { receipt }) => courts.answer(receipt, content))
}

const DID = { draw: say`Drawn`, lapse: say`Lapsed`, convict: say`Convicted` } as const

export async function resolveCase(session: Session, [named]: readonly unknown[]): Promise<void> {
  session.output.progress(say`Waiting for the block …`)
  await session.withClient(async (client) => {
    const { receipt } = await receiptOf(session, client, named)
    const { did, ...tx } = await client.courts.resolve(receipt)
    session.output.result({ id: receiptId(receipt), did, ...tx }, [say`${DID[did]} in ${tx.hash}`])
  })
}

export async function notice(
  session: Session,
  [named]: readonly unknown[],
  { yes }: YesFlags,
): Promise<void> {
  if (yes)
    return act(session, named, say`Given notice`, ({ courts }, { receipt }) => courts.giveNotice(receipt))
  await session.withClient(async (client) => {
    const { receipt } = await receiptOf(session, client, named)
    const id = receiptId(receipt)
    const penalty = await client.courts.penalty(receipt)
    session.output.result({ id, penalty, sent: false }, [
      say`Receipt  ${id}`,
      say`Penalty  ${formatAmount(penalty)} tokens, to the client`,
      say`Nothing was sent. Add --yes to give notice`,
    ])
  })
}

async function act(
  session: Session,
  named: unknown,
  done: Said,
  task: (client: Client, kept: KeptReceipt) => Promise<TxResult>,
): Promise<void> {
  session.output.progress(say`Waiting for the block …`)
  await session.withClient(async (client) => {
    const kept = await receiptOf(session, client, named)
    const tx = await task(client, kept)
    session.output.result({ id: receiptId(kept.receipt), ...tx }, [say`${done} in ${tx.hash}`])
  })
}
