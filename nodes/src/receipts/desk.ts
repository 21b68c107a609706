import { contentTree, signReceipt, type StorageReceipt } from '@teahouse/protocol/receipts'
import type { Address, Hex, LocalAccount } from 'viem'
import type { Logger } from 'pino'
import type { CourtsConfig } from './config.ts'
import { BlobError, type ContentSource } from '../blob/index.ts'
import type { Promiser, ReceiptBook } from './book.ts'

/** Why there is no receipt. The content is kept all the same. */
export type NoReceipt =
  /** The operator signs none. */
  | 'DISABLED'
  /** Not yet: a start after a crash or with an older book waits for what may have been signed before. */
  | 'NOT_YET'
  /** The promise would have ended already, or be about nothing. */
  | 'BAD_TERM'
  /** The node has not this content. */
  | 'NO_CONTENT'
  /** Nothing at stake stays slashable for so long. */
  | 'NO_STAKE'
  /** All of the stake is pledged for the present. */
  | 'ALL_PLEDGED'
  /** The chain or the disk can't be reached. */
  | 'UNAVAILABLE'

/** A receipt with the signature of the node key, or why there is none. */
export type Issued =
  | { readonly receipt: StorageReceipt; readonly signature: Hex; readonly reason?: undefined }
  | { readonly reason: NoReceipt; readonly receipt?: undefined }

export interface ReceiptDesk {
  /**
   * A receipt for content that the node has, until then (unix seconds), or for the longest term that the court takes. Asked again for the
   * same, it is the same, until half of a longest term is left. Throws nothing: a paid store is done whether or not there is one.
   */
  issue(wanted: {
    readonly client: Address
    readonly root: Hex
    readonly size: bigint
    readonly until: number
  }): Promise<Issued>
  /** Receipts signed since the start. */
  readonly issued: number
}

export interface ReceiptDeskDeps {
  readonly book: Pick<ReceiptBook, 'since' | 'running' | 'enter'>
  readonly promiser: Promiser
  /** The court's window, in seconds. */
  readonly window: number
  readonly account: LocalAccount
  readonly content: ContentSource
  /** Stake of the operator that the court can slash in every second before then. */
  readonly stakeUntil: (unixSeconds: number) => Promise<bigint>
  /** Unix seconds of the newest block. */
  readonly chainTime: () => number
  readonly log: Logger
}

type Wanted = Parameters<ReceiptDesk['issue']>[0]

/** Signs receipts, each with a part of the stake of its own. */
export function receiptDesk(config: CourtsConfig, deps: ReceiptDeskDeps): ReceiptDesk {
  const { book, promiser, window, account, content, log } = deps
  const { chainId, court, operator, maxTerm } = promiser
  const { liability } = config
  let issued = 0

  const sign = async (receipt: StorageReceipt): Promise<Issued> => ({
    receipt,
    signature: await signReceipt(account, court, chainId, receipt),
  })

  async function has({ root, size }: Wanted): Promise<boolean> {
    const bytes = await content.read(root)
    return bytes !== undefined && BigInt(bytes.length) === size && contentTree(bytes).root === root
  }

  /** A challenge may come in the last second, and is drawn and answered in a window each. */
  async function hold({ root, until }: Pick<StorageReceipt, 'root' | 'until'>): Promise<void> {
    await content.holdUntil(root, until + 2 * window + 1)
  }

  async function issue({ client, root, size, until: wanted }: Wanted): Promise<Issued> {
    if (!config.receipts || operator === 0) return { reason: 'DISABLED' }
    // The court's own clock.
    const from = deps.chainTime()
    const until = Math.min(wanted, from + maxTerm)
    if (size <= 0n || until <= from) return { reason: 'BAD_TERM' }
    const isCut = until < wanted
    const said = book.running(from, { client, root, until: isCut ? from + Math.floor(maxTerm / 2) : until })
    if (said) {
      await hold(said)
      return await sign(said)
    }
    if (from < book.since) return { reason: 'NOT_YET' }
    if (!(await has({ client, root, size, until }))) return { reason: 'NO_CONTENT' }
    const stake = await deps.stakeUntil(until + 3 * window)
    if (stake < liability) return { reason: 'NO_STAKE' }
    await hold({ root, until })
    const receipt = book.enter({ client, root, size, from, until, liability }, stake)
    if (!receipt) return { reason: 'ALL_PLEDGED' }
    issued += 1
    return await sign(receipt)
  }

  return {
    async issue(wanted) {
      const exact = { ...wanted, root: wanted.root.toLowerCase() as Hex }
      try {
        return await issue(exact)
      } catch (err) {
        if (err instanceof BlobError && err.code === 'NOT_FOUND') return { reason: 'NO_CONTENT' }
        log.warn({ err, root: wanted.root }, 'Could not sign a receipt')
        return { reason: 'UNAVAILABLE' }
      }
    },
    get issued() {
      return issued
    },
  }
}
