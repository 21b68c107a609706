import type { Address } from 'viem'
import { CHAIN_STATUS as STATUS } from '@teahouse/protocol/chain-relay'
import { Refusal } from '../net/index.ts'
import { rateLimit } from '../rate-limit.ts'
import type { ChainRelayConfig } from './config.ts'

/** Who brings an action: a peer id, and the group of its address. */
export interface Asker {
  readonly peerId: string
  readonly address: string
}

const HOUR_SECONDS = 3_600
/** Names that are remembered as cut off; the oldest goes first. */
const MAX_CUT_OFF = 10_000

/** How many actions peers, groups of addresses and persons may have sent, and who may have none. `now` in milliseconds. */
export function actionLimits(
  config: Pick<
    ChainRelayConfig,
    'actionsPerPerson' | 'actionsPerPeer' | 'actionsPerAddress' | 'cutOffSeconds'
  >,
  now: () => number,
) {
  const hourly = (count: number) => rateLimit(count / HOUR_SECONDS, count, now)
  const [persons, peers, addresses] = [
    hourly(config.actionsPerPerson),
    hourly(config.actionsPerPeer),
    hourly(config.actionsPerAddress),
  ]
  const cutOff = new Map<string, number>()

  function requireWelcome(name: string): void {
    if (now() < (cutOff.get(name) ?? 0)) throw tooMany('an action that you brought failed on chain')
  }

  return {
    /** Counts an attempt, before it costs the node anything. Throws Refusal 429. */
    takeAttempt({ peerId, address }: Asker): void {
      requireWelcome(peerId)
      requireWelcome(address)
      if (!peers.take(peerId)) throw tooMany('this peer has had as many actions as it may')
      if (!addresses.take(address)) throw tooMany('this address has had as many actions as it may')
    },
    /** Counts an action that is going to be sent. Throws Refusal 429. */
    takePerson(person: Address): void {
      if (!persons.take(person)) throw tooMany(`${person} has had as many actions as it may`)
    },
    /** Refuses whoever brought an action, and not the person who signed it: what is signed can be copied and brought by anybody. */
    cutOff({ peerId, address }: Asker): void {
      for (const name of [peerId, address]) {
        cutOff.delete(name)
        cutOff.set(name, now() + config.cutOffSeconds * 1_000)
        if (cutOff.size > MAX_CUT_OFF) cutOff.delete(cutOff.keys().next().value!)
      }
    },
  }
}

export const tooMany = (what: string) => new Refusal(STATUS.tooManyRequests, `TOO_MANY_REQUESTS: ${what}`)
