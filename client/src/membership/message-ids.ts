import { TeahouseError } from '@teahouse/protocol/errors'
import { StorageError, type KeyValueStore, type Stored } from '../storage/store.ts'

export class MessageIdError extends TeahouseError<
  | { readonly code: 'RATE_LIMITED'; readonly limit: number; readonly epoch: bigint }
  | { readonly code: 'RESTORED'; readonly epoch: bigint }
  | { readonly code: 'CLOCK_WENT_BACK'; readonly epoch: bigint; readonly last: bigint }
> {}

/** What is written under the counter's key. `used` ids, counted from 0, are gone; `all`: the epoch is closed. */
interface Counter {
  readonly epoch: bigint
  readonly used: number | 'all'
}

/**
 * The durable counter of RLN message ids of one secret. An id that was handed out is never handed out again,
 * whatever crashes: two proofs with one id in one epoch reveal the secret, and cost its owner the deposit.
 */
export function messageIds(storage: KeyValueStore, key: string) {
  return {
    /**
     * Takes the next id of the epoch that `epochNow` tells once this store has its turn. When this resolves, the id is
     * on disk as used.
     *
     * A counter that is missing, or was copied here, can't know what was used elsewhere: the current epoch is
     * closed, and ids start with the next one.
     * @throws MessageIdError RATE_LIMITED, RESTORED, CLOCK_WENT_BACK; StorageError.
     */
    async reserve(epochNow: () => bigint, limit: number): Promise<{ epoch: bigint; messageId: number }> {
      const text = await storage.update(key, (old) => serialize(next(parse(key, old), epochNow(), limit)))
      const { epoch, used } = parse(key, { value: text, native: true })!
      if (used !== 'all') return { epoch, messageId: used - 1 }
      const message = 'This account may have sent from elsewhere in this epoch; it can send from the next one'
      throw new MessageIdError(message, { code: 'RESTORED', epoch })
    },
    /**
     * Opens the current epoch for a membership that this store has just registered, so that no copy of the account can
     * have sent with it. What this store knows of the running epoch stands: ids that it has handed out, and that the
     * epoch is closed. A counter that was copied here closes it.
     */
    async open(epoch: bigint): Promise<void> {
      await storage.update(key, (stored) => {
        const old = parse(key, stored)
        if (old && old.epoch >= epoch) return serialize(old)
        return serialize({ epoch, used: stored && !old ? 'all' : 0 })
      })
    },
  }
}

function next(old: Counter | undefined, epoch: bigint, limit: number): Counter {
  if (!old) return { epoch, used: 'all' }
  if (epoch > old.epoch) return { epoch, used: 1 }
  if (epoch < old.epoch) {
    const message = `The clock shows epoch ${epoch}, but epoch ${old.epoch} was already used`
    throw new MessageIdError(message, { code: 'CLOCK_WENT_BACK', epoch, last: old.epoch })
  }
  if (old.used === 'all') return old
  if (old.used >= limit) {
    const message = `All ${limit} messages of this epoch are used`
    throw new MessageIdError(message, { code: 'RATE_LIMITED', limit, epoch })
  }
  return { epoch, used: old.used + 1 }
}

const serialize = ({ epoch, used }: Counter): string => `${epoch} ${used}`

function parse(key: string, stored: Stored | undefined): Counter | undefined {
  if (!stored?.native) return undefined
  const [, epoch, used] = /^(\d{1,20}) (\d{1,5}|all)$/.exec(stored.value) ?? []
  if (epoch === undefined || used === undefined) {
    throw new StorageError('The message counter is damaged', { code: 'CORRUPT', key })
  }
  return { epoch: BigInt(epoch), used: used === 'all' ? used : Number(used) }
}
