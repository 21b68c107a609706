import { hourOf, signMessageReceipt, type SignedMessageReceipt } from '@teahouse/protocol/receipts'
import { messageHash as hashOf, pubsubTopic } from '@teahouse/protocol/wire'
import { bytesToHex, type Address, type LocalAccount } from 'viem'
import type { Archive } from '../store/index.ts'
import type { RootBook, Speaker } from './book.ts'
import { RootError } from './errors.ts'
import type { PromiseBook } from './promises.ts'

/** Signs that a message will be in the root of its hour. */
export interface MessageReceipts {
  /**
   * A receipt for a message that is kept, while its hour takes more. Throws RootError NO_RECEIPTS, NOT_KEPT, CLOSED; what the archive and the
   * books throw.
   */
  issue(wanted: {
    readonly shard: number
    readonly hour: bigint
    readonly messageHash: Uint8Array
    readonly client: Address
  }): Promise<SignedMessageReceipt>
  /** Receipts signed since the start. */
  readonly issued: number
}

export interface MessageReceiptDeps {
  readonly archive: Pick<Archive, 'get'>
  readonly book: Pick<RootBook, 'find'>
  readonly promises: Pick<PromiseBook, 'enter'>
  /** Whether a root of this hour will be signed, and nothing is read for it yet. */
  readonly isOpen: (hour: bigint) => boolean
  readonly speaker: Speaker
  readonly operator: number
  /** The most that the omission costs, in the token's smallest unit. */
  readonly liability: bigint
  /** The speaker's node key. */
  readonly account: LocalAccount
}

/**
 * The hash is on disk, among those that the hour's root has to have, before the key touches the receipt. Between the look whether the hour is open
 * and the note nothing else runs, so whoever seals the hour afterwards reads it.
 */
export function messageReceipts(deps: MessageReceiptDeps): MessageReceipts {
  const { archive, book, promises, isOpen, speaker, operator, liability, account } = deps
  const { cluster, court, chainId } = speaker
  let issued = 0
  return {
    async issue({ shard, hour, messageHash, client }) {
      const message = await archive.get(messageHash)
      const isOfHour =
        message?.timestamp !== undefined &&
        hourOf(message.timestamp) === hour &&
        Buffer.compare(hashOf(pubsubTopic(cluster, shard), message), messageHash) === 0
      if (!isOfHour)
        throw new RootError('No such message of this hour is kept', { code: 'NOT_KEPT', shard, hour })
      const isSaid = (await book.find(shard, hour)) !== undefined
      if (isSaid || !isOpen(hour))
        throw new RootError('No root to come has messages of this hour', { code: 'CLOSED', shard, hour })
      promises.enter(shard, hour, messageHash)
      issued += 1
      const receipt = {
        operator,
        client,
        cluster,
        shard,
        hour,
        messageHash: bytesToHex(messageHash),
        liability,
      }
      return { ...receipt, signature: await signMessageReceipt(account, court, chainId, receipt) }
    },
    get issued() {
      return issued
    },
  }
}
