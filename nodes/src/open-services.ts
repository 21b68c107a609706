import { peerIdFromString } from '@libp2p/peer-id'
import type { Base } from './base.ts'
import { filter } from './filter/index.ts'
import type { Inbox } from './http/inbox.ts'
import type { Publish } from './http/routes/relay.ts'
import { member } from './member/index.ts'
import { metadata } from './metadata/index.ts'
import type { Net, Offenders, Service } from './net/index.ts'
import { openPush } from './open-push.ts'
import type { Rln } from './open-rln.ts'
import { offerService } from './payments/offer-service.ts'
import { payService } from './payments/pay-service.ts'
import type { Payments } from './payments/payments.ts'
import { pipeline } from './pipeline.ts'
import { relay } from './relay/index.ts'
import { store } from './store/index.ts'

export interface ServiceParts {
  readonly net: Net
  readonly payments: Payments
  readonly rln: Rln
  readonly offenders: Offenders
  readonly inbox: Inbox
}

/** The protocols that the node speaks, over one way that every message takes: validate → keep → relay. */
export function openServices(
  base: Base,
  { net, payments, rln, offenders, inbox }: ServiceParts,
): { services: { name: string; service: Service }[]; publish: Publish } {
  const { config, topics, archive, chain, log } = base
  const { clusterId } = config
  const { meter, desk, currentOffer } = payments
  const subscribers = filter(config.filter)({ net, topics, log: log.child({ module: 'filter' }) })
  const { validate, accepted } = pipeline({
    validate: rln.validator.validate,
    archive,
    filter: {
      push(topic, message) {
        subscribers.push(topic, message)
        inbox.push(topic, message)
      },
    },
    blame(peerId) {
      if (!offenders.blame(peerId)) return
      rln.verifier.drop(peerId)
      log.warn({ peerId }, 'Disconnected a peer that sends invalid proofs')
      net.hangUp(peerIdFromString(peerId)).catch((err: unknown) => log.debug({ err }, 'Could not hang up'))
    },
    isRefused: offenders.isRefused,
  })
  const gossip = relay()({ net, topics, validate, accepted, log: log.child({ module: 'relay' }) })
  const { push, publish } = openPush(base, { net, payments, rln, validate, accepted, gossip })
  const history = store(config.store)({
    net,
    messages: archive,
    charge: meter.charge,
    // A clock that jumps ahead removes nothing: the chain's time has to come too.
    now: () => Math.min(base.now(), 1_000 * (chain.head.current?.timestamp ?? 0)),
    log: log.child({ module: 'store' }),
  })
  const paymentsLog = log.child({ module: 'payments' })
  net.addEventListener('peer:disconnect', ({ detail }) => meter.release(detail.toString()))
  const services = [
    { name: 'metadata', service: metadata()({ net, clusterId, shards: topics.map((_, at) => at), log }) },
    {
      name: 'offers',
      service: offerService(config.payments, { net, offer: currentOffer, log: paymentsLog }),
    },
    { name: 'pay', service: payService(config.payments, { net, desk, log: paymentsLog }) },
    { name: 'member', service: openMember(base, { net, payments, rln }) },
    { name: 'store', service: history },
    { name: 'filter', service: subscribers },
    { name: 'light push', service: push },
    { name: 'relay', service: gossip },
  ]
  return { services, publish }
}

function openMember(
  { config, key, log }: Base,
  { net, payments, rln }: Pick<ServiceParts, 'net' | 'payments' | 'rln'>,
): Service {
  return member(config.member)({
    net,
    account: key.account,
    chainId: config.chainId,
    registry: config.contracts.MembershipRegistry,
    ...rln.membership,
    charge: payments.meter.charge,
    log: log.child({ module: 'member' }),
  })
}
