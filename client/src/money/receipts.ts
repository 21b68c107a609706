import { erc20Abi, isAddressEqual, TransactionReceiptNotFoundError, type Address, type Hash } from 'viem'
import type { Chain } from '../chain/chain.ts'
import type { MoneyBody } from '../chat/money-bodies.ts'
import type { Addresses } from './addresses.ts'
import type { MoneyBook } from './book.ts'
import type { Tokens } from './tokens.ts'

export type ReceiptBody = Extract<MoneyBody, { kind: 'receipt' }>

/** A receipt as it came: whose conversation, which content, and what it says. */
export interface GivenReceipt {
  /** The contact's chat identity, as hex. */
  readonly account: string
  readonly id: string
  readonly body: ReceiptBody
}

/** What the chain says of a receipt that somebody sent. */
export type Verdict =
  /** So much came from `from`, to the address that this contact was told. */
  | { readonly state: 'received'; readonly from: Address; readonly block: number }
  /** The chain, as it is seen from here, has not come so far. */
  | { readonly state: 'unseen' }
  | { readonly state: 'false'; readonly why: FalseReceipt }

/**
 * `chain`, `token`: of another; `address`: this contact was not told it, so the payment is somebody else's; `transfer`: the chain shows none such;
 * `repeated`: another message had the same payment.
 */
export type FalseReceipt = 'chain' | 'token' | 'address' | 'transfer' | 'repeated'

export interface ReceiptsDeps {
  readonly chain: Chain
  readonly tokens: Tokens
  readonly addresses: Addresses
  readonly book: MoneyBook
  /** Whether the conversation shows that this account, on another device, told a contact that address. */
  readonly wasToldTo: (contact: string, told: Address) => Promise<boolean>
}

/** So many blocks below the newest nothing is replaced any more: two epochs of Ethereum, and far more than other chains need. */
const FINAL_BLOCKS = 64n

export type Receipts = ReturnType<typeof createReceipts>

/** Compares what contacts say that they have paid with the chain. */
export function createReceipts({ chain, tokens, addresses, book, wasToldTo }: ReceiptsDeps) {
  const { reader, network, account } = chain

  /** Whoever was told an address pays there; what is paid back comes to where it came from. */
  async function isMeantFor(contact: string, { to, refundOf }: ReceiptBody): Promise<boolean> {
    if ((await addresses.isToldTo(contact, to)) || (await wasToldTo(contact, to))) return true
    if (refundOf === undefined || !isAddressEqual(to, account.address)) return false
    const paid = await book.list()
    return paid.some((one) => one.contact === contact && one.signed.hash === refundOf.toLowerCase())
  }

  /** The block of a transaction that succeeded, or how far the chain is without it. */
  async function blockOf(hash: Hash): Promise<bigint | undefined> {
    try {
      const { status, blockNumber } = await reader.getTransactionReceipt({ hash })
      return status === 'success' ? blockNumber : undefined
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    }
  }

  /** The transfer that a receipt names, by the token's own events: they are there if and only if it took place. */
  async function transferOf({ token, hash, to, amount }: ReceiptBody, block: bigint) {
    const found = await reader.getContractEvents({
      ...{ address: token, abi: erc20Abi, eventName: 'Transfer', strict: true },
      ...{ args: { to }, fromBlock: block, toBlock: block },
    })
    return found.find((one) => one.transactionHash === hash && one.args.value === amount)
  }

  return {
    /** What a receipt is worth. Asks the chain, until the payment is so deep in it that nothing can undo it. Throws CallError, ChainNodesError. */
    async check({ account: contact, id, body }: GivenReceipt): Promise<Verdict> {
      if (body.chainId !== network.chainId) return { state: 'false', why: 'chain' }
      if (!tokens.isKnown(body.token)) return { state: 'false', why: 'token' }
      if (!(await isMeantFor(contact, body))) return { state: 'false', why: 'address' }
      const hash = body.hash.toLowerCase() as Hash
      const said = saidIn(contact, body)
      const known = await book.verdict(id)
      if (known?.said === said) return { state: 'received', from: known.from, block: known.block }
      const { head, block } = await chain.read('look for the payment', async () => ({
        head: (await reader.getBlock()).number,
        block: await blockOf(hash),
      }))
      if (block === undefined && head < BigInt(body.block)) return { state: 'unseen' }
      const found =
        block !== undefined &&
        (await chain.read('look for the payment', () => transferOf({ ...body, hash }, block)))
      if (!found) return { state: 'false', why: 'transfer' }
      const first = await book.firstToClaim(hash, id)
      if (first !== id) return { state: 'false', why: 'repeated' }
      const verdict = { from: found.args.from, block: Number(block) }
      if (head >= block + FINAL_BLOCKS) await book.keepVerdict(id, { said, ...verdict })
      return { state: 'received', ...verdict }
    },
  }
}

/** What a receipt says, in one text. */
const saidIn = (contact: string, { chainId, token, hash, to, amount }: ReceiptBody): string =>
  [contact, chainId, token, hash, to, amount].join(' ').toLowerCase()
