import type { LeaseKeys } from './keys.ts'
import { LeaseError } from './errors.ts'
import type { OperatorHistory } from './operators.ts'

/** A list of message ids whose places are granted by `voters` together, all of them. */
export interface IdList {
  readonly number: number
  readonly voters: readonly number[]
  /** The message id at a place. */
  idAt(place: number): number
}

/** The operators that keep the message ids of an account in one epoch. */
export interface Keepers {
  readonly epoch: bigint
  readonly operators: readonly number[]
  readonly lists: readonly IdList[]
}

/** How many operators keep an account's message ids. */
const KEEPERS = 3
/** Which operators there are for an epoch is decided so many epochs before it begins: every copy of the account has read that. */
const DECIDED_EPOCHS_BEFORE = 2n

/**
 * Who keeps the ids of an epoch, and how. It follows from the secret and from blocks that are one epoch old or older when the
 * first lease is asked for: two copies of an account can't disagree about it.
 *
 * Of three operators each pair has a list of its own, every third id: both of a pair have to grant. Where there are fewer, there
 * is one list, and all have to. So it is also in the first epochs of a network, by the first three that announced themselves:
 * who read the chain a little earlier knows the first of them, and that one is asked by everybody.
 * @throws LeaseError CHAIN_BEHIND, NO_OPERATORS.
 */
export async function keepersOf(
  epoch: bigint,
  epochSeconds: number,
  { keys, history }: { readonly keys: LeaseKeys; readonly history: OperatorHistory },
): Promise<Keepers> {
  const decided = Number(epoch - DECIDED_EPOCHS_BEFORE) * epochSeconds
  const needed = decided + epochSeconds
  if (history.head < needed) {
    const text = `The chain's provider is ${needed - history.head} s behind what decides which nodes keep message ids`
    throw new LeaseError(text, { code: 'CHAIN_BEHIND', head: history.head, needed })
  }
  const settled = await history.at(decided)
  if (settled.length >= KEEPERS) {
    const operators = keys.ranked(settled).slice(0, KEEPERS)
    return { epoch, operators, lists: listsOfPairs(operators) }
  }
  const operators = settled.length > 0 ? settled : history.everAnnounced.slice(0, KEEPERS)
  if (operators.length === 0)
    throw new LeaseError('No operator on this network keeps message ids', { code: 'NO_OPERATORS' })
  return { epoch, operators, lists: [{ number: 0, voters: operators, idAt: (place) => place }] }
}

function listsOfPairs(operators: readonly number[]): IdList[] {
  return operators.map((_, at) => ({
    number: at + 1,
    voters: operators.filter((_operator, other) => other !== KEEPERS - 1 - at),
    idAt: (place) => KEEPERS * place + at,
  }))
}
