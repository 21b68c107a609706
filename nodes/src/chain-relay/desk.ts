import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFunctionData, type Abi, type Hex } from 'viem'
import type { Logger } from 'pino'
import { abis, type ContractAddresses, type Evaluators } from '@teahouse/protocol/chain'
import {
  type ActionCall,
  type ActionProgress,
  CHAIN_STATUS as STATUS,
  ChainRelayError,
  readAction,
  type RelayedAction,
} from '@teahouse/protocol/chain-relay'
import type { BlockRef } from '../chain/head.ts'
import { Refusal, type Charge } from '../net/index.ts'
import type { ActionBook, BookedAction } from './book.ts'
import type { ChainRelayConfig } from './config.ts'
import { actionLimits, tooMany, type Asker } from './limits.ts'
import { paysOperator } from './pays.ts'
import { actionSending, type Ending, type SendingDeps } from './sending.ts'
import { notRelayed, simulator, type SimulateDeps } from './simulate.ts'

export interface RelayDeskDeps {
  readonly contracts: ContractAddresses
  /** Evaluators of deals that it asks for others; none without it. */
  readonly evaluators?: Evaluators | undefined
  readonly operatorId: number
  readonly sender: SendingDeps['sender']
  readonly client: SimulateDeps['client'] & SendingDeps['client']
  readonly book: ActionBook
  readonly head: { readonly current: BlockRef }
  readonly charge: Charge
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: Logger
}

/** Actions since the start, by what became of them; in wei what they cost, and what of that was for ones that failed on chain. */
export interface RelayCounts {
  readonly relayed: number
  readonly refused: number
  readonly reverted: number
  readonly spentWei: bigint
  readonly lostWei: bigint
}

/** Sends signed actions for people, each once. */
export interface RelayDesk {
  /** Throws Refusal, Reverts. */
  submit(call: ActionCall, from: Asker): Promise<ActionProgress>
  /** What became of an action. Throws Refusal 404. */
  follow(id: Hex): Promise<ActionProgress>
  /** Goes on with what a former run has taken on. */
  resume(): void
  counts(): RelayCounts
}

const HOUR_SECONDS = 3_600
/** So long what is over is remembered, so that the same action again is answered and not sent. */
const KEPT_SECONDS = 86_400

export function relayDesk(config: ChainRelayConfig, deps: RelayDeskDeps): RelayDesk {
  const { contracts, evaluators, operatorId, sender, client, book, head, charge, now, log } = deps
  // The chain may be ahead of the node's clock: deadlines are the chain's.
  const seconds = () => Math.max(Math.floor(now() / 1_000), head.current.timestamp)
  const limits = actionLimits(config, now)
  const simulate = simulator({ client, relayer: sender.address, maxGas: BigInt(config.maxGas) })
  const sending = actionSending({ sender, client, book, log, seconds })
  const underWay = new Map<Hex, Promise<void>>()
  /** What is being taken on and not in the book yet, and the wei that are put aside for it. */
  const taking = new Map<Hex, bigint>()
  const counts = { relayed: 0, refused: 0, reverted: 0, spentWei: 0n, lostWei: 0n }

  function count(ending: Ending | undefined): void {
    if (!ending) return
    counts[ending.success ? 'relayed' : 'reverted']++
    counts.spentWei += ending.cost
    if (!ending.success) counts.lostWei += ending.cost
  }

  function requireTime({ deadline }: RelayedAction): void {
    if (deadline === undefined || deadline >= seconds() + config.marginSeconds) return
    throw notRelayed(`its deadline ${deadline} is less than ${config.marginSeconds} s away`)
  }

  async function pay(action: RelayedAction, { peerId }: Asker): Promise<void> {
    if (paysOperator(action, operatorId)) return
    const paid = await charge(peerId, 'relay-transaction', 1)
    if (!paid.ok) throw tooMany(paid.description)
  }

  /** Wei for an action out of what the hour leaves; others that are being taken on have theirs. Throws Refusal 429. */
  function putAside(id: Hex, cost: bigint): void {
    const others = [...taking.values()].reduce((sum, one) => sum + one, 0n)
    if (book.spentSince(seconds() - HOUR_SECONDS) + others + cost > config.coinPerHour)
      throw tooMany('the node has spent what it spends in an hour')
    taking.set(id, cost)
  }

  /** Everything that can speak against it, the cheap first; what it costs is on disk when this resolves. */
  async function takeOn(action: RelayedAction, from: Asker): Promise<void> {
    const { id, to: target, contract, call, person } = action
    requireTime(action)
    limits.takeAttempt(from)
    const abi: Abi = abis[contract]
    const data = encodeFunctionData({ abi, ...call })
    const { gas, cost } = await simulate(action, data)
    putAside(id, cost)
    limits.takePerson(person)
    await pay(action, from)
    const fresh = { id, target, data, gas, cost, at: seconds() }
    book.put({ ...fresh, state: 'waiting', hash: undefined, raws: [] })
    book.prune(seconds() - KEPT_SECONDS)
  }

  /** Resolves once it is signed, or some time later; throws if it is not going to be sent. */
  async function start(action: RelayedAction, from?: Asker): Promise<void> {
    const signed = Promise.withResolvers<void>()
    const ended = sending.send(action, signed.resolve).then((ending) => {
      count(ending)
      if (ending?.success !== false) return
      if (from) limits.cutOff(from)
      log.warn({ person: action.person, functionName: action.functionName }, 'Paid for an action that failed')
    })
    const waited = new AbortController()
    const patience = sleep(config.answerMs, undefined, { signal: waited.signal }).catch(() => undefined)
    ended.catch((err: unknown) => log.debug({ err, id: action.id }, 'Did not send an action'))
    try {
      await Promise.race([signed.promise, ended, patience])
    } finally {
      waited.abort()
    }
  }

  async function fresh(action: RelayedAction, from: Asker): Promise<void> {
    const { id } = action
    const waiting = book.open().filter(({ state }) => state === 'waiting').length
    if (waiting + taking.size >= config.maxWaiting)
      throw new Refusal(STATUS.unavailable, 'SERVICE_UNAVAILABLE: too many actions wait here')
    taking.set(id, 0n)
    const taken = takeOn(action, from).finally(() => taking.delete(id))
    const working = taken.then(() => start(action, from))
    underWay.set(id, working)
    try {
      await working
    } finally {
      underWay.delete(id)
    }
  }

  /** What stands of an action that is sent again; undefined if it is to be sent anew. */
  function standing(action: RelayedAction): BookedAction | undefined {
    const known = book.find(action.id)
    if (!known || known.state === 'lost') return undefined
    // What anyone may do at any time may be there to be done again.
    const isOver = known.state === 'mined' || known.state === 'reverted'
    return isOver && action.deadline === undefined ? undefined : known
  }

  async function follow(id: Hex): Promise<ActionProgress> {
    const action = book.find(id)
    if (!action) throw new Refusal(STATUS.notFound, 'NOT_FOUND: there is no such action here')
    count(await sending.look(action))
    const { state, hash } = book.find(id)!
    return { id, state, hash }
  }

  /** What can't be read any more, as after a change of the list, was never signed: it is over. */
  async function goOn(booked: BookedAction): Promise<void> {
    const { target: to, data, state } = booked
    if (state === 'sent') return await sending.sendAgain(booked)
    let action: RelayedAction
    try {
      action = readAction(contracts, { to, data }, sender.address, evaluators)
    } catch (error) {
      book.put({ ...booked, state: 'lost' })
      throw error
    }
    await start(action)
  }

  async function submit(call: ActionCall, from: Asker): Promise<ActionProgress> {
    if (!config.relay) throw notRelayed('this node sends nothing for others')
    const action = readAction(contracts, call, sender.address, evaluators)
    const known = standing(action)
    if (known?.state === 'sent') await sending.sendAgain(known)
    if (known) return await follow(action.id)
    await (underWay.get(action.id) ?? fresh(action, from))
    return await follow(action.id)
  }

  return {
    follow,
    async submit(call, from) {
      try {
        return await submit(call, from)
      } catch (error) {
        counts.refused++
        throw error instanceof ChainRelayError ? notRelayed(error.message) : error
      }
    },
    resume() {
      for (const booked of book.open()) {
        goOn(booked).catch((err: unknown) =>
          log.error({ err, id: booked.id }, 'Could not go on with an action of a former run'),
        )
      }
    },
    counts: () => ({ ...counts }),
  }
}
