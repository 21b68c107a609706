import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { Base } from './base.ts'
import type { Publish } from './http/routes/relay.ts'
import { lightPush, pushWith, type PushDeps } from './lightpush/index.ts'
import type { Net, Service } from './net/index.ts'
import type { Rln } from './open-rln.ts'
import type { Payments } from './payments/payments.ts'
import type { Pipeline } from './pipeline.ts'

export interface PushParts extends Pipeline {
  readonly net: Net
  readonly payments: Payments
  readonly rln: Rln
  /** The way to the others. */
  readonly relay: PushDeps['relay']
}

/** The one way to publish, for peers by light push, and for the operator over HTTP: free, and nobody is to blame. */
export function openPush(
  { config, archive, topics, log }: Base,
  { net, payments, rln, validate, accepted, relay }: PushParts,
): { push: Service; publish: Publish } {
  const { clusterId, shards } = config
  const deps = {
    network: { clusterId, shards },
    topics,
    charge: payments.meter.charge,
    maxPayloadBytes: payments.termsOf('lightpush').maxBytes,
    holdProof: rln.ownProofs.hold,
    attachProof: rln.ownProofs.attach,
    validate,
    precheck: rln.validator.precheck,
    keep: accepted,
    kept: (topic: string, message: WakuMessage) => archive.get(messageHash(topic, message)),
    relay,
  }
  const own = pushWith(config.lightpush, {
    ...deps,
    charge: () => Promise.resolve({ ok: true }),
    validate: (topic, message) => validate(topic, message),
  })
  const self = net.peerId.toString()
  return {
    push: lightPush(config.lightpush)({ net, ...deps, log: log.child({ module: 'lightpush' }) }),
    publish: (topic, message) => own(topic, message, self),
  }
}
