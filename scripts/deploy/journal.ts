import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DeployError } from './errors.ts'

/** What Ignition's journal tells of one contract. */
export interface JournalEntry {
  /** Name in the deployment: the part of Ignition's future id after `#`. */
  readonly name: string
  /** Name of the compiled contract. */
  readonly contract: string
  readonly address: string
  /** Missing if the contract was there before. */
  readonly created?: {
    readonly deployer: string
    readonly nonce: number
    readonly transaction: string
    readonly block: number
    readonly args: readonly unknown[]
    readonly libraries: Readonly<Record<string, string>>
  }
}

/** The lines that matter here, of Ignition 3; others are skipped. */
const Line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('DEPLOYMENT_EXECUTION_STATE_INITIALIZE'),
    futureId: z.string(),
    contractName: z.string(),
    constructorArgs: z.array(z.unknown()),
    libraries: z.record(z.string(), z.string()),
    from: z.string(),
  }),
  z.object({
    type: z.literal('CONTRACT_AT_EXECUTION_STATE_INITIALIZE'),
    futureId: z.string(),
    contractName: z.string(),
    contractAddress: z.string(),
  }),
  z.object({
    type: z.literal('TRANSACTION_SEND'),
    futureId: z.string(),
    nonce: z.number(),
    transaction: z.object({ hash: z.string() }),
  }),
  z.object({
    type: z.literal('TRANSACTION_CONFIRM'),
    futureId: z.string(),
    hash: z.string(),
    receipt: z.object({
      blockNumber: z.number(),
      contractAddress: z.string().optional(),
      status: z.string(),
    }),
  }),
  z.object({ type: z.literal('WIPE_APPLY'), futureId: z.string() }),
])
type Line = z.output<typeof Line>

interface Draft {
  init?: Extract<Line, { type: 'DEPLOYMENT_EXECUTION_STATE_INITIALIZE' }>
  at?: Extract<Line, { type: 'CONTRACT_AT_EXECUTION_STATE_INITIALIZE' }>
  readonly nonces: Map<string, number>
  confirmed?: Extract<Line, { type: 'TRANSACTION_CONFIRM' }>
}

/** Reads the journal in `folder`, in the order of creation. Throws DeployError BAD_JOURNAL if it is not finished. */
export async function readJournal(folder: string): Promise<JournalEntry[]> {
  const drafts = new Map<string, Draft>()
  for (const text of (await readFile(join(folder, 'journal.jsonl'), 'utf8')).split('\n')) {
    if (text.trim() === '') continue
    const { success, data: line } = Line.safeParse(JSON.parse(text, reviveBigint))
    if (success) note(drafts, line)
  }
  const entries = [...drafts].map(([future, draft]) => entryOf(folder, future, draft))
  return entries.sort((a, b) => order(a) - order(b))
}

function note(drafts: Map<string, Draft>, line: Line): void {
  if (line.type === 'WIPE_APPLY') {
    drafts.delete(line.futureId)
    return
  }
  const draft = drafts.get(line.futureId) ?? { nonces: new Map<string, number>() }
  drafts.set(line.futureId, draft)
  if (line.type === 'DEPLOYMENT_EXECUTION_STATE_INITIALIZE') draft.init = line
  else if (line.type === 'CONTRACT_AT_EXECUTION_STATE_INITIALIZE') draft.at = line
  else if (line.type === 'TRANSACTION_SEND') draft.nonces.set(line.transaction.hash, line.nonce)
  else draft.confirmed = line
}

function entryOf(folder: string, future: string, { init, at, nonces, confirmed }: Draft): JournalEntry {
  const name = future.slice(future.indexOf('#') + 1)
  if (at) return { name, contract: at.contractName, address: at.contractAddress }
  const address = confirmed?.receipt.contractAddress
  const nonce = confirmed && nonces.get(confirmed.hash)
  if (!init || !confirmed || address === undefined || nonce === undefined) {
    throw new DeployError(`The journal in ${folder} does not say how ${name} was deployed`, {
      code: 'BAD_JOURNAL',
      journal: folder,
    })
  }
  const { contractName: contract, constructorArgs: args, libraries, from: deployer } = init
  const { hash: transaction, receipt } = confirmed
  const created = { deployer, nonce, transaction, block: receipt.blockNumber, args, libraries }
  return { name, contract, address, created }
}

const order = ({ created }: JournalEntry): number => created?.nonce ?? -1

function reviveBigint(_: string, value: unknown): unknown {
  const { _kind: kind, value: digits } = (value ?? {}) as { _kind?: unknown; value?: unknown }
  return kind === 'bigint' ? BigInt(digits as string) : value
}
