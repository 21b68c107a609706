import { setTimeout as sleep } from 'node:timers/promises'
import { parseEventLogs, zeroAddress, type Address, type TransactionReceipt } from 'viem'
import type { Logger } from 'pino'
import { abis, chainError } from '@teahouse/protocol/chain'
import { compactVoucher } from '@teahouse/protocol/payments'
import { lacksQuorum } from '../chain/errors.ts'
import type { Sender } from '../chain/sender.ts'
import { tally, type Tally } from '../tally.ts'
import type { Channel, ChannelReader } from './channel-reader.ts'
import { worthTogether, type GasCost } from './gas-worth.ts'
import { looking } from './looking.ts'
import type { BookedVoucher, VoucherBook } from './voucher-book.ts'

export interface SettlementDeps {
  readonly book: VoucherBook
  readonly channel: ChannelReader
  readonly sender: Pick<Sender, 'send'>
  readonly channels: Address
  readonly payee: Address
  readonly settleEveryMs: number
  /** How long a payer who closes a channel has to wait for the rest. */
  readonly thawSeconds: number
  readonly minimumSettlement: bigint
  /** Whether gas is looked at, and what it costs: docs of the configuration. */
  readonly gas?:
    { readonly coinValue: bigint; readonly settlementFactor: number; readonly cost: GasCost } | undefined
  readonly log: Logger
}

/** A voucher that is worth a transaction. */
interface Due {
  readonly voucher: BookedVoucher
  /** What it pays, and how much of it will have been collected then. */
  readonly owed: bigint
  readonly collected: bigint
  /** Its channel is closing, or the node stops. */
  readonly isUrgent: boolean
}

/** So that a transaction stays far below what fits into a block. */
const VOUCHERS_A_TRANSACTION = 50

/** Collects on chain what vouchers are worth. */
export interface Settlement {
  /**
   * Collects every voucher that is owed at least the minimum, or whose channel is closing; with `everything` any amount. Many go
   * into one transaction, if that is worth its gas.
   * What fails is logged and tried again at the next run: the chain's own count of what was collected decides what is owed. A voucher
   * that is paid or void is looked at again until that is final, since a reorganisation may undo it.
   */
  settle(options?: { readonly everything?: boolean }): Promise<void>
  start(): void
  /** Ends the interval and settles everything once more. */
  stop(): Promise<void>
  /** Vouchers since the start: `skipped` by the contract, `failed` attempts. */
  readonly counts: Tally<SettlementEvent>['counts']
}

export type SettlementEvent = 'settled' | 'skipped' | 'failed'

export function createSettlement(deps: SettlementDeps): Settlement {
  const { book, sender, channels, payee, settleEveryMs, minimumSettlement, log } = deps
  const abort = new AbortController()
  const alone = new Set<string>()
  const counted = tally<SettlementEvent>()
  const looks = looking({
    thawMs: deps.thawSeconds * 1_000,
    everyMs: settleEveryMs,
    minimum: minimumSettlement,
  })
  let running: Promise<void> = Promise.resolve()
  let loop: Promise<void> | undefined

  /** Notes what the chain says of `voucher`; undefined unless it is worth a transaction now. */
  async function look(voucher: BookedVoucher, everything: boolean): Promise<Due | undefined> {
    const { payer, epoch, cumulative } = voucher
    const channel = await deps.channel.current(payer)
    const over = isOver(voucher, channel)
    book.setVoid(payer, epoch, over)
    if (channel.epoch < epoch) return // its epoch was undone, and may come again
    if (!over) book.setCollected(payer, epoch, min(channel.collected, cumulative))
    if (isSettled(voucher, channel)) return void (await close(voucher))
    const collected = min(cumulative, channel.allocated)
    const owed = collected - channel.collected
    const isUrgent = everything || channel.thawingUntil !== 0
    const worth = isUrgent || owed >= minimumSettlement
    return owed > 0n && worth ? { voucher, owed, collected, isUrgent } : undefined
  }

  async function collect(due: readonly Due[]): Promise<void> {
    const batch = await worthGas(due)
    if (batch.length === 0) return
    for (const { voucher } of batch) book.setPublished(voucher.payer, voucher.epoch, voucher.cumulative)
    const receipt = await sender.send({
      address: channels,
      abi: abis.PaymentChannels,
      ...callOf(payee, batch),
    })
    const skipped = skippedIn(receipt)
    for (const { voucher, owed, collected } of batch) {
      const { payer, epoch } = voucher
      const fields = { payer, hash: receipt.transactionHash }
      const reason = skipped.get(payer.toLowerCase())
      if (reason !== undefined) {
        alone.add(keyOf(voucher))
        counted.add('skipped')
        log.warn({ ...fields, reason }, 'The contract skipped a voucher; trying it alone next time')
        continue
      }
      book.setCollected(payer, epoch, collected)
      counted.add('settled')
      log.info({ ...fields, paid: owed.toString() }, 'Settled a voucher')
    }
  }

  /** The vouchers of a batch that pay for their gas, which those that can wait have to do many times. */
  async function worthGas(batch: readonly Due[]): Promise<readonly Due[]> {
    const { gas } = deps
    if (!gas) return batch
    const call = (vouchers: readonly Due[]) =>
      // One that is alone shows by the simulation whether it is bad; in a batch it is skipped.
      batch.length === 1 ? callOf(payee, batch) : compactCall(payee, vouchers)
    const chosen = await worthTogether(batch, {
      cost: (vouchers) => gas.cost({ address: channels, abi: abis.PaymentChannels, ...call(vouchers) }),
      coinValue: gas.coinValue,
      factor: gas.settlementFactor,
    })
    if (chosen.length < batch.length)
      log.info({ vouchers: batch.length - chosen.length }, 'Vouchers wait that are not worth their gas now')
    return chosen
  }

  async function close(voucher: BookedVoucher): Promise<void> {
    const channel = await deps.channel.final(voucher.payer)
    if (channel && isSettled(voucher, channel)) book.close(voucher)
  }

  /** A voucher that was skipped goes alone, since then it is simulated first and costs nothing if it is bad. */
  function batchesOf(due: readonly Due[]): Due[][] {
    const together = due.filter(({ voucher }) => !alone.has(keyOf(voucher)))
    const batches = due.filter(({ voucher }) => alone.has(keyOf(voucher))).map((one) => [one])
    for (let start = 0; start < together.length; start += VOUCHERS_A_TRANSACTION)
      batches.push(together.slice(start, start + VOUCHERS_A_TRANSACTION))
    return batches
  }

  /** False if the chain is away. */
  async function attempt(fields: object, task: () => Promise<void>): Promise<boolean> {
    try {
      await task()
    } catch (err) {
      counted.add('failed')
      log.warn({ err, ...fields }, 'Could not settle; trying again later')
      if (lacksQuorum(err) || chainError(err).code === 'UNREACHABLE') return false
    }
    return true
  }

  async function settleOnce(everything: boolean): Promise<void> {
    const due: Due[] = []
    const open = book.open()
    for (const voucher of everything ? open : looks.choose(open)) {
      const reached = await attempt({ payer: voucher.payer }, async () => {
        const found = await look(voucher, everything)
        if (found) due.push(found)
      })
      if (!reached) return
    }
    for (const batch of batchesOf(due)) {
      if (!(await attempt({ vouchers: batch.length }, () => collect(batch)))) return
    }
  }

  function settle({ everything = false } = {}): Promise<void> {
    running = running.catch(() => undefined).then(() => settleOnce(everything))
    return running
  }

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      await sleep(settleEveryMs, undefined, { signal: abort.signal }).catch(() => {})
      if (abort.signal.aborted) return
      await settle().catch((err: unknown) => log.error({ err }, 'Could not settle; trying again later'))
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
    counts: counted.counts,
  }
}

/** One voucher alone is refused by a simulation if it is bad; many share what a transaction costs. */
function callOf(payee: Address, batch: readonly Due[]) {
  const [first, ...others] = batch as [Due, ...Due[]]
  if (others.length > 0) return compactCall(payee, batch)
  const { payer, epoch, cumulative, signature } = first.voucher
  return { functionName: 'collect', args: [{ payer, payee, epoch, cumulative }, signature] }
}

function compactCall(payee: Address, batch: readonly Due[]) {
  const vouchers = batch.map(({ voucher }) => compactVoucher(voucher, voucher.signature))
  return { functionName: 'collectCompact', args: [payee, vouchers] }
}

/** Payers, in lower case, whose vouchers the contract skipped, and the selector of why. */
function skippedIn({ logs }: TransactionReceipt): Map<string, string> {
  const events = parseEventLogs({ abi: abis.PaymentChannels, eventName: 'VoucherSkipped', logs })
  return new Map(events.map(({ args }) => [args.payer.toLowerCase(), args.reason]))
}

const keyOf = ({ payer, epoch, cumulative }: BookedVoucher) => `${payer} ${epoch} ${cumulative}`

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
