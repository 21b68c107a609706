import { hexToBytes } from 'viem'
import type { Base } from './base.ts'
import type { Net, Service } from './net/index.ts'
import { signals, vapid, wake, wakeBook, wakeDesk, type WakeCounts } from './wake/index.ts'

export interface Waking {
  /** A message of this content topic came. */
  push(contentTopic: string): void
  service(net: Net): Service
  counts(): WakeCounts
}

/** Which devices the node wakes, in every profile: all of them see messages. */
export function openWake({ config, db, key, now, log }: Base): Waking {
  const secret = hexToBytes(key.privateKey)
  const signer = vapid(secret, config.wake.contact, now)
  const desk = wakeDesk(config.wake, {
    book: wakeBook(db.wakes, secret),
    signal: signals(config.wake, signer),
    now,
  })
  const deps = { desk, vapidKey: signer.publicKey, log: log.child({ module: 'wake' }) }
  return { push: desk.push, service: (net) => wake(config.wake, { net, ...deps }), counts: desk.counts }
}
