import { randomBytes } from 'node:crypto'
import { bytesToHex, type Hex } from 'viem'
import type { Logger } from 'pino'
import { identityFromSecret, recoverSecret, type MembershipLedger } from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'
import type { DoubleSignal } from '../rln/validator.ts'
import type { CaseStore, SlashCase } from './case-store.ts'
import { slashCommitment, type SlashChain } from './slash-chain.ts'

export interface SlasherDeps {
  readonly cases: CaseStore
  readonly chain: SlashChain
  readonly commitmentInput: { readonly chainId: number; readonly registry: Hex }
  readonly membership: () => Pick<MembershipLedger, 'membersOf'>
  /** How long a secret is remembered in memory after its cases are closed: as long as a root could still carry it. */
  readonly rememberSeconds: number
  readonly now: () => number
  readonly log: Logger
}

/** Turns two shares of one slot into a slash: commit, wait, reveal. Every step is on disk, so a restart goes on. */
export interface Slasher {
  /** Recovers the secret and opens a case for each membership under it; from then on `secrets()` has it. */
  found(signal: DoubleSignal): void
  /** Secrets this node found, whether or not the chain knows them. */
  secrets(): Iterable<bigint>
  /** Takes each case that is not final as far as this block allows. Throws nothing: a case that fails is tried again. */
  step(head: BlockRef): Promise<void>
  cases(): SlashCase[]
}

export function createSlasher(deps: SlasherDeps): Slasher {
  const { cases, chain, commitmentInput, membership, now, log } = deps
  const nowSeconds = () => Math.floor(now() / 1_000)
  let secrets = remembered()

  function remembered(): Set<bigint> {
    const open = new Set(cases.open().map(({ secret }) => secret))
    const since = nowSeconds() - deps.rememberSeconds
    const kept = cases.secrets().filter(({ secret, foundAt }) => open.has(secret) || foundAt >= since)
    return new Set(kept.map(({ secret }) => secret))
  }

  const commitmentOf = (secret: bigint, salt: Hex): Hex =>
    slashCommitment({ ...commitmentInput, slasher: chain.slasher, secret, salt })

  function openCases(secret: bigint): void {
    const { commitment } = identityFromSecret(secret)
    const members = membership().membersOf(commitment)
    for (const { holder } of members) cases.addCase({ secret, holder, commitment })
    log.warn(
      { commitment: `0x${commitment.toString(16)}`, memberships: members.length },
      'Recovered the secret of a spammer',
    )
  }

  async function close(slashCase: SlashCase): Promise<void> {
    if (isPending(slashCase)) {
      cases.update({ ...slashCase, state: 'closed' })
      log.info({ holder: slashCase.holder }, 'Closed a slashing case: nothing is left to take')
    }
    if (await chain.isOver(slashCase)) cases.finish(slashCase)
  }

  /** The deposit is there again. The commitment may be too: `reveal` looks. */
  function reopen(slashCase: SlashCase): SlashCase {
    const state = slashCase.salt === undefined ? 'found' : 'committed'
    const reopened = { ...slashCase, state, transactionHash: undefined } as const
    cases.update(reopened)
    log.warn({ holder: slashCase.holder }, 'Took a slashing case up again: a reorganisation undid its end')
    return reopened
  }

  /** The salt is on disk before the commitment is sent: a crash in between repeats the same commitment. */
  async function commit(slashCase: SlashCase): Promise<void> {
    const salt = slashCase.salt ?? bytesToHex(randomBytes(32))
    cases.update({ ...slashCase, salt })
    const commitment = commitmentOf(slashCase.secret, salt)
    const known = await chain.commitmentOf(commitment)
    const { blockNumber } = known ?? (await chain.commit(commitment))
    cases.update({ ...slashCase, salt, state: 'committed', committedIn: blockNumber })
    log.info({ holder: slashCase.holder, block: Number(blockNumber) }, 'Committed to a slash')
  }

  async function reveal(slashCase: SlashCase, head: BlockRef): Promise<void> {
    const { secret, holder, salt } = slashCase
    const known = await chain.commitmentOf(commitmentOf(secret, salt!))
    const tooOld = known && head.timestamp >= known.timestamp + chain.maxAgeSeconds
    if (!known || tooOld) {
      // Reorganised away, or void after a long stop: begin again, with a salt of its own.
      cases.update({ ...slashCase, state: 'found', salt: undefined, committedIn: undefined })
      return
    }
    if (head.number < known.blockNumber + chain.minBlocks) return
    const { hash } = await chain.reveal(secret, holder, salt!)
    cases.update({ ...slashCase, state: 'slashed', transactionHash: hash })
    log.info({ holder, hash }, 'Slashed a spammer')
  }

  async function advance(slashCase: SlashCase, head: BlockRef): Promise<void> {
    if ((await chain.slashable(slashCase)) === 'no') return await close(slashCase)
    const open = isPending(slashCase) ? slashCase : reopen(slashCase)
    if (open.state === 'found') return await commit(open)
    await reveal(open, head)
  }

  return {
    found({ first, second }) {
      const secret = recoverSecret(first, second)
      secrets.add(secret)
      if (!cases.addSecret(secret, nowSeconds()) && cases.casesOf(secret).length > 0) return
      openCases(secret)
    },
    secrets: () => secrets,
    async step(head) {
      secrets = remembered()
      for (const slashCase of cases.open()) {
        try {
          await advance(slashCase, head)
        } catch (err) {
          log.warn(
            { err, holder: slashCase.holder, state: slashCase.state },
            'Could not take a slashing case further; trying again',
          )
        }
      }
    },
    cases: cases.all,
  }
}

function isPending({ state }: SlashCase): boolean {
  return state === 'found' || state === 'committed'
}
