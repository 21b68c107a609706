import type { DatabaseSync } from 'node:sqlite'
import type { Address, LocalAccount, PublicClient } from 'viem'
import type { Logger } from 'pino'
import type { ContractAddresses } from '@teahouse/protocol/chain'
import type { Sender } from '../chain/sender.ts'
import { channelReader } from './channel-reader.ts'
import type { PaymentsConfig } from './config.ts'
import { createMeter, type Meter } from './meter.ts'
import { offers, type SignedOffer } from './offers.ts'
import { freeQuota } from './quota.ts'
import { createSettlement, type Settlement } from './settlement.ts'
import { voucherBook, type VoucherBook } from './voucher-book.ts'
import { voucherDesk, type VoucherDesk } from './voucher-desk.ts'

export interface PaymentsDeps {
  readonly db: DatabaseSync
  readonly client: PublicClient
  readonly sender: Sender
  readonly account: LocalAccount
  readonly chainId: number
  readonly contracts: ContractAddresses
  readonly operatorId: number
  /** Where vouchers must pay to. */
  readonly payee: Address
  /** Blocks after which a payment on chain is final. */
  readonly confirmations: number
  readonly now: () => number
  readonly log: Logger
}

/** How the node is paid: offers say what, the desk takes vouchers, the meter uses them up, settlement collects. */
export interface Payments {
  readonly book: VoucherBook
  readonly meter: Meter
  readonly desk: VoucherDesk
  readonly settlement: Settlement
  currentOffer(): Promise<SignedOffer>
}

export function createPayments(config: PaymentsConfig, deps: PaymentsDeps): Payments {
  const { client, sender, account, chainId, contracts, operatorId, payee, now, log } = deps
  const { PaymentChannels: channels, Token: token } = contracts
  const book = voucherBook(deps.db)
  const channel = channelReader(client, channels, payee, deps.confirmations)
  const offer = offers(config, { account, chainId, channels, token, operatorId, payee, now })
  const quota = freeQuota({
    perWindow: config.freeQuota,
    windowSeconds: config.quotaWindowSeconds,
    maxPeers: config.quotaPeers,
    now,
  })
  const meter = createMeter({
    prices: config.prices,
    book,
    quota,
    offerId: async () => (await offer.current()).id,
  })
  const desk = voucherDesk({ chainId, channels, payee, readChannel: channel.current, book, meter })
  const settlement = createSettlement({ ...config, book, channel, sender, channels, payee, log })
  return { book, meter, desk, settlement, currentOffer: offer.current }
}
