import type { DatabaseSync } from 'node:sqlite'
import type { Address, LocalAccount, PublicClient } from 'viem'
import type { Logger } from 'pino'
import type { ContractAddresses } from '@teahouse/protocol/chain'
import type { Price } from '@teahouse/protocol/payments'
import type { Sender } from '../chain/sender.ts'
import { channelReader } from './channel-reader.ts'
import type { PaymentsConfig } from './config.ts'
import { coinValueOf, gasCost } from './gas-worth.ts'
import { paymentLedger, type Ledger } from './ledger.ts'
import { createMeter, type Meter } from './meter.ts'
import { offerBook } from './offer-book.ts'
import { offers, type SignedOffer } from './offers.ts'
import { quotaBook, type QuotaBook } from './quota/book.ts'
import { quotaMeter, type QuotaMeter } from './quota/meter.ts'
import { createSettlement, type Settlement } from './settlement.ts'
import { rememberedChannels } from './remembered-channels.ts'
import { termsOf } from './terms.ts'
import { voucherBook, type VoucherBook } from './voucher-book.ts'
import { voucherDesk, type VoucherDesk } from './voucher-desk.ts'
import { windowCounter } from './window-counter.ts'

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
  /** How long a payer who closes a channel has to wait for the rest. */
  readonly thawSeconds: number
  /** Where the chain's events begin, how many blocks of them are asked for at once, and how many until one is final. */
  readonly chain: { readonly fromBlock: number; readonly blockRange: number; readonly confirmations: number }
  readonly now: () => number
  readonly log: Logger
}

/** How the node is paid: offers say what, the desk takes vouchers, the meter uses them up, settlement collects. */
export interface Payments {
  readonly book: VoucherBook
  readonly meter: Meter
  readonly desk: VoucherDesk
  readonly settlement: Settlement
  readonly ledger: Ledger
  /** What members of this home have free. */
  readonly quotas: { readonly book: QuotaBook; readonly meter: QuotaMeter }
  currentOffer(): Promise<SignedOffer>
  /** What holds for a service by the configuration. */
  termsOf(service: string): Price
}

export function createPayments(config: PaymentsConfig, deps: PaymentsDeps): Payments {
  const { client, sender, account, chainId, contracts, operatorId, payee, now, log } = deps
  const { PaymentChannels: channels, Token: token } = contracts
  const book = voucherBook(deps.db, now)
  const channel = channelReader(client, channels, payee, deps.chain.confirmations)
  const offered = offerBook(deps.db)
  const offer = offers(config, {
    ...{ account, chainId, channels, token, operatorId, payee, book: offered, now },
  })
  const quotas = quotaBook(deps.db)
  const members = quotaMeter({
    book: quotas,
    unitsOf: (service) => termsOf(config, service).memberQuota,
    now,
  })
  const meter = createMeter({
    priceOf: offer.priceOf,
    book,
    members,
    ...limitsOf(config, now),
    offerId: async () => (await offer.current()).id,
  })
  const readChannel = rememberedChannels(channel.current, { thawSeconds: deps.thawSeconds, now })
  const desk = voucherDesk({ chainId, channels, payee, readChannel, book, meter })
  const { settlementFactor } = config
  const coinValue = coinValueOf(config.coinValue, chainId)
  const cost = gasCost(client, sender.address)
  const gas = coinValue === 0n ? undefined : { coinValue, settlementFactor, cost }
  const settlement = createSettlement({
    ...{ ...config, thawSeconds: deps.thawSeconds },
    ...{ book, channel, sender, channels, payee, gas, log },
  })
  return {
    ...{ book, meter, desk, settlement, currentOffer: offer.current },
    ledger: paymentLedger({ db: deps.db, client, channels, payee, ...deps.chain }),
    quotas: { book: quotas, meter: members },
    termsOf: (service) => termsOf(config, service),
  }
}

/** What peers have free, and what they may have at all. */
function limitsOf(config: PaymentsConfig, now: () => number) {
  const counter = (unitsOf: (terms: Price) => number) =>
    windowCounter({
      limitOf(service) {
        const terms = termsOf(config, service)
        return { units: unitsOf(terms), windowSeconds: terms.quotaWindowSeconds }
      },
      maxPeers: config.quotaPeers,
      now,
    })
  return {
    quota: counter(({ freeQuota }) => freeQuota),
    rates: counter(({ maxUnits }) => (maxUnits === 0 ? Infinity : maxUnits)),
  }
}
