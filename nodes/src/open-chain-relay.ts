import type { Base } from './base.ts'
import {
  actionBook,
  chainRelay,
  evaluator,
  relayDesk,
  signedAnswers,
  type RelayCounts,
} from './chain-relay/index.ts'
import type { Net, Service } from './net/index.ts'
import type { Payments } from './payments/payments.ts'

/** What the node did since its start for those who have no access to the chain; docs/wire/chain.md. */
export interface ChainRelayCounts extends RelayCounts {
  /** Signed answers given. */
  readonly answered: number
}

export interface ChainRelay {
  readonly counts: () => ChainRelayCounts
  service(net: Net): Service
}

/** Signed answers about the chain, and actions sent for people, in every profile. */
export function openChainRelay(base: Base, { meter }: Pick<Payments, 'meter'>): ChainRelay {
  const { config, chain, key, db, now } = base
  const { chainId, contracts, evaluators, operatorId } = config
  const { client, head, sender } = chain
  const log = base.log.child({ module: 'chain-relay' })
  const evaluate = evaluator({
    client,
    contracts: Object.values(contracts),
    blockRange: config.chain.blockRange,
    logRequests: config.chainRelay.logRequests,
  })
  const answers = signedAnswers({
    account: key.account,
    chainId,
    client,
    head,
    evaluate,
    ...config.chainRelay,
  })
  const { charge } = meter
  const desk = relayDesk(config.chainRelay, {
    ...{ contracts, evaluators, operatorId, sender, client, head, charge, now, log },
    book: actionBook(db.actions),
  })
  let answered = 0
  return {
    counts: () => ({ answered, ...desk.counts() }),
    service(net) {
      const served = chainRelay(config.chainRelay, {
        net,
        answers,
        desk,
        charge,
        blockRange: config.chain.blockRange,
        answered: () => answered++,
        log,
      })
      return {
        async start() {
          desk.resume()
          await served.start()
        },
        stop: () => served.stop(),
      }
    },
  }
}
