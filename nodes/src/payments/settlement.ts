import { setTimeout as sleep } from 'node:timers/promises'
import { zeroAddress, type Address } from 'viem'
import type { Logger } from 'pino'
import { abis, chainError } from '@teahouse/protocol/chain'
import type { Sender } from '../chain/sender.ts'
import type { Channel, ChannelReader } from './channel-reader.ts'
import type { BookedVoucher, VoucherBook } from './voucher-book.ts'

export interface SettlementDeps {
  readonly book: VoucherBook
  readonly channel: ChannelReader
  readonly sender: Pick<Sender, 'send'>
  readonly channels: Address
  readonly payee: Address
  readonly settleEveryMs: number
  readonly minimumSettlement: bigint
  readonly log: Logger
}

/** Collects on chain what vouchers are worth. */
export interface Settlement {
  /**
   * Collects every voucher that is owed at least the minimum, or whose channel is closing; with `everything` any amount.
   * What fails is logged and tried again at the next run: the chain's own count of what was collected decides what is owed. A voucher
   * that is paid or void is looked at again until that is final, since a reorganisation may undo it.
   */
  settle(options?: { readonly everything?: boolean }): Promise<void>
  start(): void
  /** Ends the interval and settles everything once more. */
  stop(): Promise<void>
}

export function createSettlement(deps: SettlementDeps): Settlement {
  const { book, sender, channels, payee, settleEveryMs, minimumSettlement, log } = deps
  const abort = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let loop: Promise<void> | undefined

  async function collect(voucher: BookedVoucher, everything: boolean): Promise<void> {
    const { payer, epoch, cumulative, signature } = voucher
    const channel = await deps.channel.current(payer)
    const over = isOver(voucher, channel)
    book.setVoid(payer, epoch, over)
    if (channel.epoch < epoch) return // its epoch was undone, and may come again
    if (!over) book.setCollected(payer, epoch, min(channel.collected, cumulative))
    if (isSettled(voucher, channel)) return await close(voucher)
    const owed = min(cumulative, channel.allocated) - channel.collected
    const due = everything || owed >= minimumSettlement || channel.thawingUntil !== 0
    if (owed <= 0n || !due) return
    book.setPublished(payer, epoch, cumulative)
    const args = [{ payer, payee, epoch, cumulative }, signature]
    const { transactionHash } = await sender.send({
      address: channels,
      abi: abis.PaymentChannels,
      functionName: 'collect',
      args,
    })
    book.setCollected(payer, epoch, min(cumulative, channel.allocated))
    log.info({ payer, paid: owed.toString(), hash: transactionHash }, 'Settled a voucher')
  }

  async function close(voucher: BookedVoucher): Promise<void> {
    const channel = await deps.channel.final(voucher.payer)
    if (channel && isSettled(voucher, channel)) book.close(voucher)
  }

  async function settleOnce(everything: boolean): Promise<void> {
    for (const voucher of book.open()) {
      try {
        await collect(voucher, everything)
      } catch (err) {
        log.warn({ err, payer: voucher.payer }, 'Could not settle a voucher; trying again later')
        if (chainError(err).code === 'UNREACHABLE') return
      }
    }
  }

  function settle({ everything = false } = {}): Promise<void> {
    running = running.then(() => settleOnce(everything))
    return running
  }

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      await sleep(settleEveryMs, undefined, { signal: abort.signal }).catch(() => {})
      if (!abort.signal.aborted) await settle()
    }
  }

  return {
    settle,
    start: () => void (loop ??= run()),
    async stop() {
      abort.abort()
      await loop
      await settle({ everything: true })
    },
  }
}

/** A channel that was closed since then pays no voucher of that epoch any more. */
function isOver({ epoch }: BookedVoucher, channel: Channel): boolean {
  return channel.epoch > epoch || (channel.epoch === epoch && channel.signer === zeroAddress)
}

/** Nothing is left to collect with it. */
function isSettled(voucher: BookedVoucher, channel: Channel): boolean {
  return (
    isOver(voucher, channel) || (channel.epoch === voucher.epoch && channel.collected >= voucher.cumulative)
  )
}

const min = (a: bigint, b: bigint) => (a < b ? a : b)
