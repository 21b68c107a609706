import { bytesToHex, type Address, type LocalAccount } from 'viem'
import type { Logger } from 'pino'
import { PayRequest, PayResponse, PROTOCOLS } from '@teahouse/protocol/wire'
import type { Account } from '../../../client/src/account/account.ts'
import { createChain } from '../../../client/src/chain/chain.ts'
import { NetError } from '../../../client/src/net/errors.ts'
import type { NodeRecord } from '../../../client/src/net/directory.ts'
import type { Peer } from '../../../client/src/net/peer.ts'
import { createChannels } from '../../../client/src/payments/channel.ts'
import type { Offers } from '../../../client/src/payments/offers.ts'
import { createTill } from '../../../client/src/payments/till.ts'
import { voucherBook as signedBook } from '../../../client/src/payments/voucher-book.ts'
import { memoryStore, type KeyValueStore } from '../../../client/src/storage/store.ts'
import type { Sender } from '../../../nodes/src/chain/sender.ts'
import { amountBytes, readAddress, readAmount } from '../../../nodes/src/payments/amounts.ts'
import { channelReader } from '../../../nodes/src/payments/channel-reader.ts'
import { VoucherError } from '../../../nodes/src/payments/errors.ts'
import { ledgerCsv, paymentLedger } from '../../../nodes/src/payments/ledger.ts'
import { createMeter, type Meter } from '../../../nodes/src/payments/meter.ts'
import { createSettlement, type Settlement } from '../../../nodes/src/payments/settlement.ts'
import {
  VOUCHER_MIGRATIONS,
  voucherBook,
  type VoucherBook,
} from '../../../nodes/src/payments/voucher-book.ts'
import { voucherDesk, type VoucherDesk } from '../../../nodes/src/payments/voucher-desk.ts'
import { windowCounter } from '../../../nodes/src/payments/window-counter.ts'
import { openDatabase } from '../../../nodes/src/storage/index.ts'
import { CLUSTER_ID, SHARDS, type TestChain } from '../../support/index.ts'

/** Ends one side at one step: nothing that it does afterwards has an effect. */
export interface CrashPlan {
  /** Throws if this is the step, and ever after. */
  step(name: string): void
  /** The step at which it ended. */
  readonly crashed: string | undefined
}

class Crash extends Error {}

export function crashAt(at: number): CrashPlan {
  let count = 0
  let crashed: string | undefined
  return {
    step(name) {
      if (crashed === undefined && count++ === at) crashed = name
      if (crashed !== undefined) throw new Crash(crashed)
    },
    get crashed() {
      return crashed
    },
  }
}

const NO_CRASH: CrashPlan = { step: () => undefined, crashed: undefined }
const NODE = {
  operatorId: 1,
  peerId: 'node',
  multiaddrs: [],
  services: [],
  staked: 0n,
  priceHint: 0n,
} as const

interface NodeInit {
  readonly chain: TestChain
  readonly payee: Address
  readonly price: bigint
  readonly sender: Pick<Sender, 'send'>
  readonly file: string
  readonly log: Logger
}

export type ServingNode = ReturnType<typeof servingNode>

/** The payments of a node over a database file, in this process so that it can be ended at any step. */
export function servingNode({ chain, payee, price, sender, file, log }: NodeInit) {
  const { client, contracts, chainId } = chain
  const channel = channelReader(client, contracts.PaymentChannels, payee, 12)
  let db = openDatabase(file, VOUCHER_MIGRATIONS)
  let served = 0
  let settlement: Settlement
  let meter: Meter
  let desk: VoucherDesk
  let book: VoucherBook
  let plan = NO_CRASH

  function stepwise<A extends unknown[], R>(name: string, act: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      plan.step(`node: before ${name}`)
      const result = act(...args)
      plan.step(`node: after ${name}`)
      return result
    }
  }

  function restart(next: CrashPlan = NO_CRASH): void {
    db.close()
    db = openDatabase(file, VOUCHER_MIGRATIONS)
    plan = next
    book = voucherBook(db)
    const counter = (units: number) =>
      windowCounter({ limitOf: () => ({ units, windowSeconds: 60 }), maxPeers: 9, now: Date.now })
    meter = createMeter({
      priceOf: () => price,
      book: { ...book, spendAll: stepwise('spending', book.spendAll) },
      ...{ quota: counter(0), rates: counter(Infinity), offerId: async () => 'offer' },
    })
    desk = voucherDesk({
      ...{ chainId, channels: contracts.PaymentChannels, payee, readChannel: channel.current, meter },
      book: { ...book, enter: stepwise('entering the voucher', book.enter) },
    })
    settlement = createSettlement({
      book: {
        ...book,
        setPublished: stepwise('setPublished', book.setPublished),
        setCollected: stepwise('setCollected', book.setCollected),
        close: stepwise('close', book.close),
      },
      sender: {
        async send(call) {
          plan.step('node: before sending')
          const receipt = await sender.send(call)
          plan.step('node: after sending')
          return receipt
        },
      },
      ...{
        channel,
        channels: contracts.PaymentChannels,
        payee,
        settleEveryMs: 1_000,
        minimumSettlement: 1n,
        thawSeconds: 3_600,
        log,
      },
    })
  }
  restart()

  async function takeVoucher(bytes: Uint8Array, peerId: string): Promise<Uint8Array> {
    const { requestId, voucher } = PayRequest.decode(bytes)
    const none = new Uint8Array(0)
    try {
      const { payer, epoch, cumulative, signature } = voucher!
      const read = {
        payer: readAddress('payer', payer),
        payee,
        epoch,
        cumulative: readAmount('c', cumulative),
      }
      const taken = await desk.take(read, bytesToHex(signature), peerId)
      const [credit, total] = [amountBytes(taken.credit), amountBytes(taken.cumulative)]
      return PayResponse.encode({ requestId, statusCode: 200, credit, cumulative: total })
    } catch (error) {
      if (!(error instanceof VoucherError)) throw error
      const statusDesc = `${error.code}: ${error.message}`
      return PayResponse.encode({ requestId, statusCode: 402, statusDesc, credit: none, cumulative: none })
    }
  }

  return {
    restart,
    /** A voucher, or a unit of service: then one byte, 1 if it was served. */
    async handle(protocol: string, bytes: Uint8Array, peerId: string): Promise<Uint8Array> {
      if (protocol === PROTOCOLS.pay) return await takeVoucher(bytes, peerId)
      const before = book.totals()
      const { ok } = await meter.charge(peerId, 'tea', 1).catch((error: unknown) => {
        // What was spent before the crash was served, though nobody saw it.
        if (spentSince(before.spent)) served++
        throw error
      })
      if (ok) served++
      return Uint8Array.of(ok ? 1 : 0)
    },
    settle: (options = { everything: true }) => settlement.settle(options),
    totals: () => book.totals(),
    account(payer: Address) {
      const { credited, spent } = book.totals()
      return { credited, spent, credit: book.credit(payer) }
    },
    ledgerCsv: async () =>
      ledgerCsv(
        await paymentLedger({
          ...{ db, client, channels: contracts.PaymentChannels, payee },
          ...{ fromBlock: 0, blockRange: 20, confirmations: 5 },
        }).entries(),
      ),
    get served() {
      return served
    },
    close: () => db.close(),
  }

  function spentSince(spent: bigint): boolean {
    return book.totals().spent > spent
  }
}

interface ClientInit {
  readonly chain: TestChain
  readonly account: LocalAccount
  readonly payee: Address
  readonly price: bigint
  readonly node: ServingNode
}

export type PayingClient = ReturnType<typeof payingClient>

/** A client that buys units of the node, one at a time, over a wire that may lose what it carries. */
export function payingClient({ chain, account: eth, payee, price, node }: ClientInit) {
  const { rpcUrl, chainId, contracts } = chain
  const account = { address: eth.address, eth } as unknown as Account
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  const reading = createChain(network, eth)
  const channels = createChannels({ chain: reading, account })
  const storage = memoryStore()
  const record: NodeRecord = { ...NODE, node: payee, payee }
  let connections = 0
  let got = 0
  let till: ReturnType<typeof createTill>
  let request: (protocol: string, bytes: Uint8Array) => Promise<Uint8Array>

  function restart(plan: CrashPlan = NO_CRASH): void {
    const peerId = `client ${connections++}`
    request = async (protocol, bytes) => {
      plan.step('the request is lost')
      const answer = await node.handle(protocol, bytes, peerId).catch((cause: unknown) => {
        throw new NetError('gone', { code: 'NO_ANSWER', peerId: record.peerId, protocol }, { cause })
      })
      plan.step('the answer is lost')
      return answer
    }
    const durable: KeyValueStore = {
      ...storage,
      async update(key, change) {
        plan.step('client: before signing for it')
        const written = await storage.update(key, change)
        plan.step('client: after signing for it')
        return written
      },
    }
    till = createTill({
      ...{ chain: reading, account, channels, book: signedBook(durable, 's') },
      peer: {
        request: (_node: unknown, protocol: string, bytes: Uint8Array) => request(protocol, bytes),
      } as unknown as Peer,
      offers: { get: async () => ({ prices: [{ service: 'tea', price }] }) } as unknown as Offers,
    })
  }
  restart()

  const ask = async () => (await request('tea', new Uint8Array(0)))[0] === 1

  return {
    restart,
    /** Gets one unit, and pays for it if asked to. */
    async use(): Promise<void> {
      if (!(await ask())) {
        await till.buy(record, { tea: 1 })
        if (!(await ask())) throw new Error('paid, and refused')
      }
      got++
    },
    /** All that was ever signed for. */
    signed: () => signedBook(storage, 's').signed(payee, 1n),
    get got() {
      return got
    },
  }
}
