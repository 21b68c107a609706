import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { TeahouseError } from '@teahouse/protocol/errors'
import { sealer } from '../seal.ts'
import { writeIdentity, type NodeIdentity } from './identity-file.ts'
import type { InstanceStore } from './instance-store.ts'
import type { StopMark } from './stop-mark.ts'

/** The identity file and the counter of its message ids do not belong together, or were copied. Nothing has been changed. */
export class InstanceError extends TeahouseError<{
  readonly code: 'OTHER_INSTANCE'
  readonly path: string
  readonly reason: InstanceFault
}> {}

export type InstanceFault = 'no counter' | 'counter of another node' | 'copied file'

const SHOWN: Record<InstanceFault, string> = {
  'no counter': 'was used before, but the data folder has no counter of the message ids that were used',
  'counter of another node': 'does not belong to the counter in the data folder',
  'copied file': 'is a copy, was restored or was edited',
}

export interface Claim {
  /** True if the counter surely has every id that was used in this epoch. */
  readonly complete: boolean
  /** Notes a clean stop, after the last id was handed out. */
  release(): Promise<void>
}

export interface ClaimDeps {
  readonly path: string
  readonly store: InstanceStore
  readonly mark: StopMark
}

/**
 * Makes this node the only one that uses an identity. The first start writes a random id into the identity file and into the counter's
 * database; later ones demand both, and the file itself rather than a copy. After anything but a clean stop of this very folder the counter
 * may be an older copy of itself, so it is not complete. @throws InstanceError OTHER_INSTANCE; what files throw.
 */
export async function claimIdentity(
  identity: NodeIdentity,
  { path, store, mark }: ClaimDeps,
): Promise<Claim> {
  const { commitment } = identity
  const sealOf = await sealer(dirname(path))
  const known = store.get(commitment)
  const fresh = identity.unused && known === undefined
  const seal = await sealOf(path)

  if (!fresh && !identity.adopt) {
    const fault = faultOf(identity, seal, known)
    if (fault) throw instanceError(path, fault)
  }
  const token = await mark.take()
  const cleanlyStopped = token !== undefined && token === known?.stopped
  const instance = known?.instance ?? randomBytes(16).toString('hex')

  if (identity.adopt || identity.instance !== instance) {
    // Database first: a crash in between leaves a file that still belongs to it.
    const own = identity.adopt ? randomBytes(16).toString('hex') : instance
    store.set(commitment, { instance: own, seal: undefined, stopped: undefined })
    await writeIdentity(path, { ...identity, unused: false, instance: own })
    store.set(commitment, { instance: own, seal: await sealOf(path), stopped: undefined })
  } else {
    store.set(commitment, { instance, seal, stopped: undefined })
  }

  return {
    complete: !identity.adopt && (fresh || cleanlyStopped),
    async release() {
      const now = store.get(commitment)
      if (now) store.set(commitment, { ...now, stopped: await mark.leave() })
    },
  }
}

/** What speaks against using the identity with this counter. */
function faultOf(
  identity: NodeIdentity,
  seal: string,
  known: ReturnType<InstanceStore['get']>,
): InstanceFault | undefined {
  if (!known) return 'no counter'
  // The first start ended before the file was written.
  const isFirstStart = known.seal === undefined && identity.instance === undefined
  if (!isFirstStart && identity.instance !== known.instance) return 'counter of another node'
  if (known.seal !== undefined && known.seal !== seal) return 'copied file'
  return undefined
}

function instanceError(path: string, reason: InstanceFault): InstanceError {
  return new InstanceError(
    `The identity file ${path} ${SHOWN[reason]}. Two nodes that use one membership lose its deposit. ` +
      'Put the original files back, or register a new membership; or, if no other node uses this one any more and none will, ' +
      'add "adopt": true to the file: this node takes it over and lends proofs from the next epoch on.',
    { code: 'OTHER_INSTANCE', path, reason },
  )
}
