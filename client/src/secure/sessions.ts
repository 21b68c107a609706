import { MAX_ONE_TIME } from './bundle.ts'
import { openDevice } from './device.ts'
import { SecureError } from './errors.ts'
import { peers } from './peers.ts'
import { records } from './records.ts'
import { opener } from './receiving.ts'
import { sealer } from './sending.ts'
import type { Sessions, SessionsOptions } from './types.ts'

/**
 * Opens the encryption of one device over its store; makes the device at the first time.
 * @throws SecureError BAD_OPTION; DAMAGED if the storage key is wrong. StorageError.
 */
export async function createSessions(options: SessionsOptions): Promise<Sessions> {
  const { storage, scope, identity, now = Date.now, oneTimeKeys = 10 } = options
  check(options.storageKey.length === 32, 'storageKey')
  check(identity.publicKey.length === 32, 'identity')
  check(Number.isInteger(oneTimeKeys) && oneTimeKeys >= 1 && oneTimeKeys <= MAX_ONE_TIME, 'oneTimeKeys')

  const store = records(storage, options.storageKey, scope)
  const { device, origin } = await openDevice({ records: store, scope, identity, oneTimeKeys, now })
  const others = peers({ records: store, device, now })
  if (origin === 'copied') for (const name of await store.names('session')) await store.remove(name)
  await others.load()
  const { start, seal } = sealer({ device, peers: others, now })
  const open = opener({ device, peers: others, now })

  let closed = false
  async function close(): Promise<void> {
    closed = true
    await others.idle()
    await device.idle()
    device.wipe()
    others.wipe()
    store.wipe()
  }
  const live = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (closed) throw new SecureError('The sessions are closed', { code: 'CLOSED' })
      return call(...args)
    }
  }

  return {
    address: device.address,
    origin,
    card: device.card,
    bundle: live(device.bundle),
    replenish: live(device.replenish),
    start: live(start),
    seal: live(seal),
    open: live(open),
    state: others.state,
    devices: others.devices,
    forget: live(async (account) => {
      for (const address of others.devices(account.toLowerCase())) await others.forget(address)
    }),
    close,
  }
}

function check(holds: boolean, option: string): void {
  if (!holds) throw new SecureError(`The option ${option} can't be used`, { code: 'BAD_OPTION', option })
}
