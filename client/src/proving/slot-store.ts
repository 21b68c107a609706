import { decodeSlot, encodeSlot, type Slot } from '@teahouse/protocol/rln'
import type { KeyValueStore, Stored } from '../storage/store.ts'
import { fromBase64, toBase64 } from '../base64.ts'
import { utf8 } from './bytes.ts'
import { SlotError } from './errors.ts'

/** What may be known of a slot without opening it; none of it is secret. */
export interface SlotLabel {
  readonly epoch: bigint
  /** Reserved for this slot alone before it was made. */
  readonly messageId: number
  readonly root: bigint
  /** The run of the client that leased the id; no other may use it. Short ASCII, no slash. */
  readonly run: string
}

export interface StoredSlot extends SlotLabel {
  readonly slot: Slot
}

/** Prepared slots, sealed. Whatever happens, no slot comes out of it twice. */
export interface SlotStore {
  /** Throws SlotError OCCUPIED if there is a slot of this epoch, message id and root. The id was reserved for it alone. */
  put(slot: StoredSlot): Promise<void>
  /**
   * Takes the first slot that is wanted, by epoch and message id. When this resolves, its end is on disk: no other process, no
   * later start and no crash can bring it back. Nobody gets it if the process ends before that.
   * @throws SlotError DAMAGED or COPIED: that slot is gone, others may be left. StorageError.
   */
  take(wanted: (label: SlotLabel) => boolean): Promise<StoredSlot | undefined>
  /** The slots there are, by epoch and message id. */
  labels(): Promise<SlotLabel[]>
  /** Deletes slots for good. */
  discard(unwanted: (label: SlotLabel) => boolean): Promise<void>
}

export interface SlotStoreOptions {
  readonly storage: KeyValueStore
  /** Names the network and the member; short ASCII. */
  readonly scope: string
  readonly key: () => Promise<CryptoKey>
}

const NONCE_BYTES = 12

/** Keeps slots in a key-value store, one a key; sealed by AES-256-GCM with a fresh nonce, bound to their label. */
export function slotStore({ storage, scope, key }: SlotStoreOptions): SlotStore {
  const prefix = `${scope}/slot/`
  let opened: Promise<CryptoKey> | undefined
  const secretKey = () => (opened ??= key())

  const keyOf = ({ epoch, messageId, root, run }: SlotLabel) =>
    `${prefix}${epoch}/${messageId}/${root.toString(16)}/${run}`

  function labelOf(name: string): SlotLabel | undefined {
    const match = /^(\d{1,20})\/(\d{1,5})\/([0-9a-f]{1,64})(?:\/([^/]*))?$/.exec(name.slice(prefix.length))
    if (!match) return undefined
    const [, epoch, messageId, root, run = ''] = match as unknown as [string, string, string, string, string?]
    return { epoch: BigInt(epoch), messageId: Number(messageId), root: BigInt(`0x${root}`), run }
  }

  async function list(): Promise<{ name: string; label: SlotLabel }[]> {
    const entries = (await storage.keys(prefix)).flatMap((name) => {
      const label = labelOf(name)
      return label ? [{ name, label }] : []
    })
    return entries.sort(
      ({ label: a }, { label: b }) => Number(a.epoch - b.epoch) || a.messageId - b.messageId,
    )
  }

  async function open(name: string, { value, native }: Stored): Promise<Slot> {
    if (!native) {
      throw new SlotError('A slot was copied here, and may have been used', { code: 'COPIED', key: name })
    }
    const sealed = fromBase64(value)
    if (!sealed) throw damaged(name)
    const algorithm = {
      name: 'AES-GCM',
      iv: sealed.subarray(0, NONCE_BYTES),
      additionalData: utf8(name),
    } as AesGcmParams
    try {
      const body = sealed.subarray(NONCE_BYTES) as BufferSource
      return decodeSlot(new Uint8Array(await crypto.subtle.decrypt(algorithm, await secretKey(), body)))
    } catch (cause) {
      throw damaged(name, cause)
    }
  }

  async function seal(name: string, slot: Slot): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
    const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(name) } as AesGcmParams
    const bytes = encodeSlot(slot)
    const body = await crypto.subtle.encrypt(algorithm, await secretKey(), bytes as BufferSource)
    bytes.fill(0)
    return toBase64(new Uint8Array([...iv, ...new Uint8Array(body)]))
  }

  return {
    async put(stored) {
      const name = keyOf(stored)
      const sealed = await seal(name, stored.slot)
      await storage.update(name, (old) => {
        if (old) throw new SlotError('There is such a slot already', { code: 'OCCUPIED', key: name })
        return sealed
      })
    },
    async take(wanted) {
      for (const { name, label } of await list()) {
        if (!wanted(label)) continue
        const stored = await storage.delete(name) // from here on it is ours, or nobody's
        if (stored) return { ...label, slot: await open(name, stored) }
      }
      return undefined
    },
    labels: async () => (await list()).map(({ label }) => label),
    async discard(unwanted) {
      for (const { name, label } of await list()) if (unwanted(label)) await storage.delete(name)
    },
  }
}

function damaged(key: string, cause?: unknown): SlotError {
  return new SlotError('A prepared slot is damaged', { code: 'DAMAGED', key }, { cause })
}
