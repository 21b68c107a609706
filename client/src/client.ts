import { MAX_LEASE_ANSWER_BYTES } from '@teahouse/protocol/lease'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import type { ChatOptions } from './chat/engine.ts'
import { openChat } from './chat/open-chat.ts'
import { createChain } from './chain/chain.ts'
import { tokenBalance } from './chain/token.ts'
import type { ConnectOptions } from './connect-options.ts'
import { courtsLater, messageReceiptsLater, receiptsLater } from './courts/courts-later.ts'
import { dealKitLater, dealsLater } from './deals/kit-later.ts'
import { filesLater } from './files/files-later.ts'
import { createMarket } from './market/market.ts'
import { UNITS, type Unit } from './market/units.ts'
import { loadedLater, loadOnce } from './loaded-later.ts'
import { giftsLater } from './membership/gifts-later.ts'
import { createClock } from './membership/leases/clock.ts'
import { createLeases } from './membership/leases/leases.ts'
import { operatorReader } from './membership/leases/operators.ts'
import { createMembership } from './membership/membership.ts'
import { messageIds } from './membership/message-ids.ts'
import { openView } from './membership/open-view.ts'
import { ownMembership } from './membership/own-membership.ts'
import { purseLater } from './money/purse-later.ts'
import { deliver, type DeliverOptions, type DeliveryNotice } from './messaging/delivery.ts'
import { outbox } from './messaging/outbox.ts'
import { createProving } from './messaging/proving.ts'
import { createPublisher } from './messaging/publisher.ts'
import { createReader } from './messaging/reader.ts'
import { createSender } from './messaging/sender.ts'
import { askOperator } from './net/ask-operator.ts'
import { createDirectory } from './net/directory.ts'
import { createPeer } from './net/peer.ts'
import { createChannels } from './payments/channel.ts'
import { createOffers } from './payments/offers.ts'
import { createTill } from './payments/till.ts'
import { voucherBook } from './payments/voucher-book.ts'
import { keepReady } from './proving/keep-ready.ts'
import { slotKeyOf } from './proving/slot-key.ts'
import { slotStore } from './proving/slot-store.ts'
import { createSlots } from './proving/slots.ts'
import { placesOf } from './places.ts'
import { scopesOf } from './scopes.ts'
import { sealedStore } from './storage/sealed-store.ts'
import { memoryStore } from './storage/store.ts'

export type Client = Awaited<ReturnType<typeof connect>>

/**
 * Opens a client of one account on one network. Asks the chain for its id; everything else starts when first used.
 * @throws CallError NO_CHAIN or WRONG_CHAIN.
 */
export async function connect(options: ConnectOptions) {
  const { network, account, storage, transports, now: deviceNow = Date.now, signal } = options
  const clock = createClock(deviceNow)
  const { now } = clock
  const peer = createPeer({
    ...{ transports, dialAnything: options.dialAnything },
    onUnreachable: () => directory.doubt(),
  })
  const isAlone = network.rpcUrl === undefined
  const way =
    isAlone || options.nodes
      ? (await import('./chain-relay/open.ts')).openNodesWay(
          { network, peer, storage, pay: (peerId) => payRelay(peerId) },
          options.nodes,
        )
      : undefined
  const chain = createChain(network, account.eth, way)
  const genesis = (await chain.check()).slice(2, 18)

  const { chainId, contracts } = network
  const scopes = scopesOf({ chainId, genesis, account: account.address, contracts })
  await placesOf(storage, account).remember({ chainId, genesis, contracts })
  const book = voucherBook(storage, scopes.vouchers)
  const proving = createProving(options.artifacts, storage)
  const directory = createDirectory(chain, now)
  const own = ownMembership(chain, account, storage, scopes.membership)
  const light = options.light ?? (isAlone ? {} : undefined)
  const ledgerView = await openView(light, { chain, account, directory, peer, own, now })
  const leases = createLeases({
    secret: account.rln.secret,
    params: ledgerView.params,
    operators: operatorReader(chain),
    ask: askOperator({ directory, peer, protocol: PROTOCOLS.lease, maxBytes: MAX_LEASE_ANSWER_BYTES }),
    storage,
    storageKey: scopes.messageIds,
    ...{ clock, deviceNow },
  })
  const ids = messageIds(leases)
  const membership = createMembership({ chain, account, ledgerView, ids, now })
  const offers = createOffers({ chain, peer, now, storage, scope: scopes.vouchers })
  const channels = createChannels({ chain, account })
  const market = createMarket({
    ...{ account, storage, scope: scopes.market, knownOffer: offers.known, now },
    network: scopes.network,
  })
  const quota = loadedLater(async () =>
    (await import('./payments/member-quota.ts')).createMemberQuota(
      {
        ...{ account, membership, ledgerView, proving, offers, peer, now },
        store: sealedStore(storage, { key: account.storageKey, scope: `quota/${scopes.quota}` }),
      },
      options.memberQuota,
    ),
  )
  const till = createTill({ chain, account, peer, offers, channels, book, quota })
  const waiting = outbox(storage, scopes.outbox)
  const slots = createSlots({
    account,
    store: slotStore({
      storage: options.slots ?? memoryStore(),
      scope: scopes.slots,
      key: options.slotKey ?? (() => slotKeyOf(account.rln.secret)),
    }),
    ...{ ids, ledgerView, membership, proving, now },
  })
  const keeper = keepReady(slots)
  const publish = createPublisher({ network, directory, peer, till, market })
  const sender = createSender({
    account,
    network,
    membership,
    ledgerView,
    slots,
    ids,
    waiting,
    directory,
    publish,
    proving,
    requestReceipt: (wanted) => messageReceipts.request(wanted),
    now,
  })
  const reader = createReader({ network, directory, peer, till, market })
  const receipts = receiptsLater(
    sealedStore(storage, { key: account.storageKey, scope: `receipts/${scopes.receipts}` }),
  )
  const retrieval = { court: contracts.RetrievalCourt, chainId }
  const filesOf = (scope: string) =>
    filesLater({
      keepReceipt: (signed) => receipts.put({ ...retrieval, ...signed }),
      receiptsKept: () => receipts.list(),
      court: retrieval,
      ...{ account, chain, directory, peer, till, market, storage, scope, now },
    })
  const files = filesOf(scopes.files)
  const archives = {
    ...{ chain, account, storage, scope: scopes.evidence },
    nodeOf: async (operator: number) => await nodeOf(operator),
    ask: (maxBytes: number) => askOperator({ directory, peer, protocol: PROTOCOLS.root, maxBytes }),
  }
  const courts = courtsLater({ chain, account, store: receipts }, archives)
  const messageReceipts = messageReceiptsLater(
    {
      pay: (node) => till.buy(node, { 'store-query': 1 }),
      store: sealedStore(storage, { key: account.storageKey, scope: `message-receipts/${scopes.evidence}` }),
    },
    archives,
  )

  /** The node of an operator id or peer id; any node that stores messages if none is named. */
  async function nodeOf(wanted?: string | number) {
    const [node] = await directory.candidates('store', wanted)
    return node!
  }

  /** A node that has sent enough for nothing. It is paid from what is put aside for it: a transaction would need paying, too. */
  async function payRelay(peerId: string): Promise<void> {
    const node = (await directory.nodes()).find((one) => one.peerId === peerId)
    if (node) await till.buy(node, { 'relay-transaction': 1 }, undefined, { covered: true })
  }

  /** Who withholds what another shows is remembered. */
  const deliverFrom = (wanted: DeliverOptions) => {
    const onNotice = (notice: DeliveryNotice) => {
      if (notice.kind === 'withheld') void blame(notice.peerId)
      wanted.onNotice?.(notice)
    }
    return deliver({ reader, storage, scope: scopes.delivery, now }, { ...wanted, onNotice })
  }
  async function blame(withholding: string): Promise<void> {
    const nodes = await directory.nodes().catch(() => [])
    const node = nodes.find(({ peerId }) => peerId === withholding)
    if (node) await market.withheld(node)
  }
  const deals = dealsLater({ chain, account, now, storage, scope: scopes.deals })
  const { tokens, readArtifact } = options
  const purse = purseLater({ chain, account, storage, scopes, tokens, readArtifact, now })
  let chat: ReturnType<typeof openChat> | undefined

  const stopping = new AbortController()
  const backups = loadOnce(async () =>
    (await import('./backups/backups.ts')).createBackups({
      ...{ account, storage, scope: scopes.chat, now, signal: stopping.signal },
      ...{ send: sender.send, discard: sender.discard, history: reader.history },
      remaining: membership.remaining,
      isChatOpen: () => chat !== undefined,
    }),
  )

  async function stop(): Promise<void> {
    stopping.abort()
    await (await chat?.catch(() => undefined))?.stop()
    await (await backups.peek()?.catch(() => undefined))?.stopped()
    await keeper.stop()
    await market.flush()
    await Promise.all([peer.stop(), proving.stop()])
  }
  signal?.addEventListener('abort', () => void stop(), { once: true })

  return {
    account,
    network,
    membership,
    /** Memberships for others, paid by this account; and the one that an invitation brought. */
    gifts: giftsLater({ chain, account, membership }),
    deals,
    /** Typed deals: offers, signatures that others send, and waking before deadlines. */
    dealKit: dealKitLater({ chain, account, deals, now, storage, scope: scopes.deals }),
    /** Receipts of nodes for what they keep, and what can be done when they don't. */
    courts,
    /** Receipts for messages: that a message will be in the root of its hour. */
    messageReceipts,
    send: sender.send,
    /** Proofs made ahead of messages: a message that finds one costs a millisecond instead of a proof. */
    proving: {
      prepare: slots.prepare,
      ready: slots.ready,
      /** From now on, and until the client stops, makes slots in idle time so that so many are ready. */
      keepReady: keeper.keep,
      counts: proving.counts,
    },
    /** Light push of a message that already carries its proof, byte for byte. */
    publish,
    outbox: { pending: sender.pending, resend: sender.resend, discard: sender.discard },
    history: reader.history,
    listen: reader.listen,
    /** What was missed from the stores and then what comes, each message once, across restarts. */
    deliver: deliverFrom,
    /** End-to-end encrypted conversations; the options of the first call count. Nothing runs before its `start`. */
    chat: (wanted: ChatOptions = {}) =>
      (chat ??= openChat(
        {
          ...{ account, storage, scope: scopes.chat, now, hold: options.hold ?? holdNothing },
          weigh: market.weighFor('store-query'),
          files: filesOf(scopes.attachments),
          remaining: membership.remaining,
          ...{ history: reader.history, deliver: deliverFrom, send: sender.send, resend: sender.resend },
        },
        wanted,
      ).then(purse.attach)),
    /** Sealed backups of what this device knows, left with nodes. */
    backups: loadedLater(backups.get),
    /** Files that nodes keep for a paid time. */
    files,
    /** Has nodes wake this device, by signals that say nothing. */
    wake: loadedLater(async () => (await import('./wake/wake.ts')).createWake({ directory, peer, now })),
    /** The network's nodes, as the chain vouches for them. */
    nodes: () => directory.nodes(),
    /** A node's signed offer, checked against the chain. */
    offer: async (node?: string | number) => offers.get(await nodeOf(node)),
    /** Which nodes are asked, and why. */
    market: {
      /** The nodes that sell such units, with price, own record and share of what is asked. Fetches offers that are not known. */
      async compare(unit: Unit = 'store-query') {
        const nodes = await directory.candidates(UNITS[unit])
        await Promise.allSettled(nodes.map((node) => offers.get(node)))
        return market.compare(nodes, unit)
      },
      exportRecords: market.exportRecords,
      importRecords: market.importRecords,
    },
    payments: {
      ...channels,
      /** Hands a node a voucher worth `amount` more, ahead of its services. */
      payNode: async (node: string | number, amount: bigint) => till.pay(await nodeOf(node), amount),
      /** What this account has signed for a node in the channel's present epoch. */
      signed: async (node: string | number) => {
        const { payee } = await nodeOf(node)
        return book.signed(payee, (await channels.state(payee)).epoch)
      },
    },
    /** Pays an address, a payment link or a contact; see `money`. */
    pay: purse.money.pay,
    /** Links to be paid by, receipts, what came and went. */
    money: purse.money,
    /** Red envelopes, for contacts, for whoever has a link, and for the members of a group. */
    envelopes: purse.envelopes,
    /** What the account has: tokens and deposit in the token's smallest unit, coins for gas in wei. */
    async balances() {
      const coins = () => chain.reader.getBalance({ address: account.address })
      const [tokens, deposit, gas] = await Promise.all([
        tokenBalance(chain, account.address),
        channels.balance(),
        chain.read('read the balance', coins),
      ])
      return { tokens, deposit, gas }
    },
    /** What nodes signed about the chain that can't both be true. */
    evidence: async () => (way ? await way.evidence.list() : []),
    /** Closes connections and ends the prover's threads; the process can end then. */
    stop,
  }
}

const holdNothing = async (): Promise<() => void> => () => undefined
