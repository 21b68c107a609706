import { peerIdFromString } from '@libp2p/peer-id'
import { pubsubTopicOf } from '@teahouse/protocol/wire'
import type { Base } from './base.ts'
import { dialBack } from './dial-back/index.ts'
import { uplink } from './edge/uplink.ts'
import { filter, type Filter } from './filter/index.ts'
import type { Inbox } from './http/inbox.ts'
import type { Publish } from './http/routes/relay.ts'
import { member } from './member/index.ts'
import { metadata } from './metadata/index.ts'
import type { Net, Offenders, Service } from './net/index.ts'
import { openPush } from './open-push.ts'
import type { Rln } from './open-rln.ts'
import type { Waking } from './open-wake.ts'
import { SERVICES } from './payments/config.ts'
import { offerService } from './payments/offer-service.ts'
import { payService } from './payments/pay-service.ts'
import type { Payments } from './payments/payments.ts'
import { quotaDesk, type QuotaDesk } from './payments/quota/desk.ts'
import { pipeline } from './pipeline.ts'
import type { Part } from './profile/profiles.ts'
import { relay, type Forwarding, type Relay } from './relay/index.ts'
import { store } from './store/index.ts'
import { wayOut } from './way-out.ts'

export interface ServiceParts {
  readonly net: Net
  readonly payments: Payments
  readonly rln: Rln
  readonly offenders: Offenders
  readonly inbox: Inbox
  readonly waking: Pick<Waking, 'push'>
  readonly forwarding: Forwarding
  /** Whether a peer is the node of a registered operator. */
  readonly isOperator: (peerId: string) => boolean
}

export interface Services {
  /** Those of every profile. */
  readonly always: { name: string; service: Service }[]
  /** Those that a profile has or has not. */
  readonly parts: Readonly<
    Record<Exclude<Part, 'archive' | 'sync' | 'roots' | 'blobs' | 'introductions'>, Service>
  >
  readonly publish: Publish
  readonly relay: Relay
  readonly filter: Filter
}

/** The protocols that the node speaks, over one way that every message takes: validate → keep → relay. */
export function openServices(
  base: Base,
  { net, payments, rln, offenders, inbox, waking, forwarding, isOperator }: ServiceParts,
): Services {
  const { config, topics, archive, chain, log } = base
  const { clusterId } = config
  const { meter, desk, currentOffer } = payments
  const subscribers = filter(config.filter)({
    net,
    topics,
    source: { want: async (topic, contentTopics) => way.want(topic, contentTopics) },
    log: log.child({ module: 'filter' }),
  })
  const { validate, accepted } = pipeline({
    validate: rln.validator.validate,
    isForgotten: base.forget.isMessageForgotten,
    archive,
    filter: {
      push(topic, message) {
        subscribers.push(topic, message)
        inbox.push(topic, message)
        waking.push(message.contentTopic)
      },
    },
    blame(peerId) {
      if (!offenders.blame(peerId)) return
      rln.verifier.drop(peerId)
      log.warn({ peerId }, 'Disconnected a peer that sends invalid proofs')
      net.hangUp(peerIdFromString(peerId)).catch((err: unknown) => log.debug({ err }, 'Could not hang up'))
    },
    isRefused: offenders.isRefused,
    room: base.disk,
  })
  const gossip = relay()({ net, topics, validate, accepted, forwarding, log: log.child({ module: 'relay' }) })
  const edge = uplink({
    net,
    wanted: () => [...subscribers.wanted(), ...wantedByInbox(inbox, config)],
    isOperator,
    validate,
    accepted,
    log: log.child({ module: 'edge' }),
  })
  const way = wayOut({ gossip, edge, keeps: () => base.engine.isAttached })
  const { push, publish } = openPush(base, { net, payments, rln, validate, accepted, relay: way })
  const history = store(config.store)({
    net,
    messages: archive,
    topics,
    isForgotten: base.forget.isForgotten,
    charge: meter.charge,
    affordable: meter.affordable,
    maxAnswerBytes: payments.termsOf('store-query').maxBytes,
    // A clock that jumps ahead removes nothing: the chain's time has to come too.
    now: () => Math.min(base.now(), 1_000 * (chain.head.current?.timestamp ?? 0)),
    log: log.child({ module: 'store' }),
  })
  const paymentsLog = log.child({ module: 'payments' })
  net.addEventListener('peer:disconnect', ({ detail }) => meter.release(detail.toString()))
  const always = [
    { name: 'dial back', service: dialBack()({ net, log }) },
    { name: 'metadata', service: metadata()({ net, clusterId, shards: base.shards, log }) },
    {
      name: 'offers',
      service: offerService(config.payments, { net, offer: currentOffer, log: paymentsLog }),
    },
    {
      name: 'pay',
      service: payService(config.payments, {
        net,
        desk,
        meter,
        quotas: openQuotas(base, { payments, rln }),
        log: paymentsLog,
      }),
    },
    { name: 'member', service: openMember(base, { net, payments, rln }) },
  ]
  const parts = { relay: gossip, uplink: edge, filter: subscribers, lightpush: push, store: history }
  return { always, parts, publish, relay: gossip, filter: subscribers }
}

/** What the operator's own subscriptions over HTTP want, for a node that has to ask for it. */
function wantedByInbox(inbox: Inbox, { clusterId, shards }: Base['config']) {
  return inbox.contentTopics().flatMap((contentTopic) => {
    try {
      return [{ pubsubTopic: pubsubTopicOf(contentTopic, clusterId, shards), contentTopic }]
    } catch {
      return [] // has no shard, so nobody can send on it
    }
  })
}

/** Takes proofs by the members of the operator's home, if it gives them anything. */
function openQuotas(
  { config, now }: Base,
  { payments, rln }: Pick<ServiceParts, 'payments' | 'rln'>,
): QuotaDesk | undefined {
  const services = SERVICES.filter((service) => payments.termsOf(service).memberQuota > 0)
  if (config.operatorId === 0 || services.length === 0) return undefined
  const { follower } = rln
  return quotaDesk({
    operatorId: config.operatorId,
    proofsADay: config.payments.memberProofsADay,
    services,
    ...payments.quotas,
    homeStatus(root) {
      const { home, block } = follower.ledger
      return follower.state === 'ready' ? home?.rootStatus(root, block?.timestamp ?? 0) : undefined
    },
    revealedSecrets: rln.revealedSecrets,
    verifier: rln.verifier,
    now,
  })
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
