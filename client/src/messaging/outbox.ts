import { hexToBytes, bytesToHex, type Hex } from 'viem'
import { StorageError, type KeyValueStore } from '../storage/store.ts'

/** A proved message that no node has acknowledged yet, as the exact bytes to send. */
export interface Outgoing {
  readonly messageHash: Hex
  readonly bytes: Uint8Array
  readonly epoch: bigint
  readonly messageId: number
}

/** Messages between their proof and the acknowledgement of a node; they survive a restart. */
export function outbox(storage: KeyValueStore, scope: string) {
  const prefix = `outbox/${scope}/`
  return {
    put: ({ messageHash, bytes, epoch, messageId }: Outgoing): Promise<void> =>
      storage.set(prefix + messageHash, `${epoch} ${messageId} ${bytesToHex(bytes)}`),
    async get(messageHash: Hex): Promise<Outgoing | undefined> {
      const key = prefix + messageHash
      const stored = await storage.get(key)
      if (!stored) return undefined
      const [, epoch, messageId, bytes] = /^(\d{1,20}) (\d{1,5}) (0x[0-9a-f]+)$/.exec(stored.value) ?? []
      if (!epoch || !messageId || !bytes)
        throw new StorageError('An outgoing message is damaged', { code: 'CORRUPT', key })
      return {
        messageHash,
        bytes: hexToBytes(bytes as Hex),
        epoch: BigInt(epoch),
        messageId: Number(messageId),
      }
    },
    remove: async (messageHash: Hex): Promise<void> => void (await storage.delete(prefix + messageHash)),
    /** Hashes of what waits. */
    async list(): Promise<Hex[]> {
      return (await storage.keys(prefix)).map((key) => key.slice(prefix.length) as Hex)
    },
  }
}
