import { isAddressEqual, zeroAddress, type Address } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { approve, requireTokens } from '../chain/token.ts'
import { PayError } from './errors.ts'

/** The channel to one payee as the chain has it. Amounts in the token's smallest unit. */
export interface ChannelState {
  readonly epoch: bigint
  readonly allocated: bigint
  readonly collected: bigint
  readonly open: boolean
}

/** A channel after `cover`. */
export interface Covered extends ChannelState {
  /** Transactions were needed: a node may see them a block later. */
  readonly isNew: boolean
}

export type Channels = ReturnType<typeof createChannels>

/** Money put aside for nodes: one deposit, a part of it allocated to each payee. */
export function createChannels({ chain, account }: { chain: Chain; account: Account }) {
  const { PaymentChannels } = chain.contracts
  const { address } = account

  const write = (action: string, functionName: string, args: readonly unknown[]): Promise<TxResult> =>
    chain.write({ action, contract: 'PaymentChannels', functionName, args })

  const balance = (): Promise<bigint> =>
    chain.read('read the deposit', () => PaymentChannels.read.balance([address]))

  async function deposit(amount: bigint): Promise<TxResult> {
    await requireTokens(chain, amount)
    await approve(chain, 'PaymentChannels', amount)
    return write('deposit', 'deposit', [address, amount])
  }

  async function state(payee: Address): Promise<ChannelState> {
    const channel = await chain.read('read the channel', () => PaymentChannels.read.account([address, payee]))
    const { epoch, allocated, collected, signer, thawingUntil } = channel
    if (thawingUntil !== 0) {
      const message = `The channel to ${payee} is being closed`
      throw new PayError(message, { code: 'CHANNEL_CLOSING', payee, thawingUntil })
    }
    const open = !isAddressEqual(signer, zeroAddress)
    if (open && !isAddressEqual(signer, address)) {
      throw new PayError(`Another key signs the vouchers to ${payee}`, {
        code: 'FOREIGN_SIGNER',
        payee,
        signer,
      })
    }
    return { epoch: BigInt(epoch), allocated, collected, open }
  }

  /** The end of what is put aside: all of it comes out of one deposit. */
  let covering: Promise<unknown> = Promise.resolve()

  async function coverNow(payee: Address, total: bigint, spare: bigint): Promise<Covered> {
    const current = await state(payee)
    if (covers(current, total)) return { ...current, isNew: false }
    const target = total + spare
    const missing = target - (current.open ? current.allocated : 0n) - (await balance())
    if (missing > 0n) await deposit(missing)
    await write('allocate', 'allocate', [payee, target, address])
    return { ...(await state(payee)), isNew: true }
  }

  return {
    balance,
    state,
    deposit,
    /** Takes what is not allocated out of the deposit. */
    withdraw: (amount: bigint) => write('withdraw the deposit', 'withdraw', [amount]),
    /** Puts `total` in all aside for a payee, whose vouchers this account signs. */
    allocate: (payee: Address, total: bigint) => write('allocate', 'allocate', [payee, total, address]),
    /** Starts closing a channel; `deallocate` after the thaw gives back what was not collected. */
    thaw: (payee: Address) => write('thaw the channel', 'thaw', [payee]),
    deallocate: (payee: Address) => write('close the channel', 'deallocate', [payee]),
    /**
     * Makes sure that vouchers up to `total` in all are covered, depositing and allocating if they are not, with
     * `spare` more so that the next ones need no transaction. One after the other, whoever asks.
     */
    async cover(payee: Address, total: bigint, spare: bigint): Promise<Covered> {
      const current = await state(payee)
      if (covers(current, total)) return { ...current, isNew: false }
      const covered = covering.then(() => coverNow(payee, total, spare))
      covering = covered.catch(() => undefined)
      return await covered
    },
  }
}

/** Whether vouchers up to `total` in all can be collected. */
export const covers = ({ open, allocated }: ChannelState, total: bigint): boolean =>
  open && allocated >= total
