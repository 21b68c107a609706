import {
  abis,
  contractReadersAt,
  type ContractName,
  type ContractReaders,
  type LocalNetwork,
} from '@teahouse/protocol/chain'
import {
  defineChain,
  http,
  type Abi,
  type Account as ViemAccount,
  type Address,
  type Hash,
  type LocalAccount,
  type Transport,
} from 'viem'
import { nodesError, notRelayed } from '../chain-relay/errors.ts'
import type { Mined, Relay } from '../chain-relay/relay.ts'
import type { Call } from './call.ts'
import { CallError, callError } from './errors.ts'
import { chainReader, chainWriter, type ChainReader } from './reader.ts'
import type { recordedSender, Bids, Outcome, Signed, ToRecord } from './recorded.ts'

/** What a mined transaction cost and where it is. */
export interface TxResult {
  readonly hash: Hash
  readonly gasUsed: bigint
  readonly blockNumber: bigint
}

/** A way to the chain over operators' nodes: docs/wire/chain.md. */
export interface ChainWay {
  /** Reads; only without an RPC endpoint. */
  readonly transport?: Transport
  /** The same with an RPC endpoint: what operators agree on, to hold against what the endpoint says. */
  readonly witnesses: Transport
  /** Nodes send what an account signs even if it has coins. */
  readonly always?: boolean
  /** Has nodes send what an account signs. */
  relay(deps: {
    readonly account: LocalAccount
    readonly reader: ChainReader
    readonly contracts: ContractReaders
  }): Relay
}

/** Reads and writes the chain for one account. Amounts of coins in wei. */
export interface Chain {
  readonly network: LocalNetwork
  readonly account: ViemAccount
  readonly way: ChainWay | undefined
  readonly reader: ChainReader
  readonly contracts: ContractReaders
  /** Runs a read; what fails becomes a CallError that names `action`. */
  read<T>(action: string, task: () => Promise<T>): Promise<T>
  /** Whether nodes have to send what this account signs. */
  relays(): Promise<boolean>
  /** Lets a contract take `amount` of the token: by a transaction, or by a permit that goes with the next call of it. */
  allow(spender: ContractName, amount: bigint): Promise<TxResult | undefined>
  /** Simulates, sends and waits for one transaction. Throws CallError; ChainNodesError. */
  write(call: Call): Promise<TxResult>
  /** Has a node send what this account signs, whether it has coins or not. Throws ChainNodesError NOT_RELAYED without a way over nodes. */
  writeRelayed(call: Call): Promise<TxResult>
  /** Whether nodes can be asked to send what this account signs. */
  readonly hasRelay: boolean
  /**
   * Signs a transaction, hands its bytes to `record`, and sends it once that has resolved. What `record` throws is thrown, and nothing was sent.
   * @throws CallError; ChainNodesError NOT_RELAYED without an RPC endpoint, NOT_SEEN.
   */
  writeRecorded(call: ToRecord, record: (signed: Signed) => Promise<void>): Promise<TxResult>
  /** What the chain says of a recorded transaction and those that it replaced; with `push`, the bytes of the newest are sent again first, and waited for. */
  recordedOutcome(bids: Bids, options?: { readonly push?: boolean }): Promise<Outcome>
  /**
   * Signs a recorded transaction anew, with fees that make nodes take it in the place of the other; to be recorded, and sent by `recordedOutcome`. Undefined if it
   * waits for something else than its fee. `action` as that of the first. Throws CallError NO_GAS.
   */
  raiseRecorded(signed: Signed, action: string): Promise<Signed | undefined>
  /** Sends native coin. Throws CallError. */
  sendCoins(to: Address, value: bigint): Promise<TxResult>
  /** Sends all native coin but what that costs. Throws CallError NO_GAS if nothing would be left. */
  sendAllCoins(to: Address): Promise<TxResult>
  /** Newest block's number and time in unix seconds. */
  head(): Promise<{ readonly number: bigint; readonly timestamp: number }>
  /**
   * Refuses a chain other than the network's. Returns the hash of its first block: two local chains may share an id.
   * Throws CallError NO_CHAIN or WRONG_CHAIN.
   */
  check(): Promise<Hash>
}

const POLL_MS = 250

/**
 * Reads and writes the chain for one account. Transactions of one client go out one after another. With a `way` over nodes, an account without
 * coins has them send what it signs; so it needs one if the network has no RPC endpoint.
 */
export function createChain(network: LocalNetwork, account: ViemAccount, way?: ChainWay): Chain {
  const { rpcUrl } = network
  const where = rpcUrl ?? 'the nodes of the network'
  const definition = defineChain({
    id: network.chainId,
    name: `Teahouse ${network.chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: rpcUrl === undefined ? [] : [rpcUrl] } },
  })
  const transport = way?.transport ?? http(rpcUrl, { retryCount: 1, timeout: 20_000 })
  const reader = chainReader({ chain: definition, transport, pollMs: POLL_MS })
  const wallet = chainWriter({ chain: definition, transport }, account)
  const contracts = contractReadersAt(network.contracts, reader)
  let recording: Promise<ReturnType<typeof recordedSender>> | undefined
  const relay = account.type === 'local' ? way?.relay({ account, reader, contracts }) : undefined
  let last: Promise<unknown> = Promise.resolve()

  async function read<T>(action: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      throw nodesError(error) ?? callError(error, action, where)
    }
  }

  async function relays(): Promise<boolean> {
    if (!relay || rpcUrl === undefined || way?.always) return relay !== undefined
    return (await read('read the balance', () => reader.getBalance({ address: account.address }))) === 0n
  }

  async function mine(call: Call): Promise<Mined> {
    if (relay && (await relays())) return relay.send(call)
    const { contract, functionName, args, value = 0n } = call
    const abi: Abi = abis[contract]
    const address = contracts[contract].address
    const { request } = await reader.simulateContract({ address, abi, functionName, args, value, account })
    const hash = await wallet.writeContract({ ...request, account, chain: definition })
    return reader.waitForTransactionReceipt({ hash, pollingInterval: POLL_MS })
  }

  /** Nobody can send an account's coins for it. */
  function requireEndpoint(): void {
    if (rpcUrl !== undefined) return
    throw new CallError('Coins are sent over an RPC endpoint only', { code: 'NO_GAS', action: 'send coins' })
  }

  async function mineTransfer(to: Address, value: bigint): Promise<Mined> {
    requireEndpoint()
    const hash = await wallet.sendTransaction({ to, value, account, chain: definition })
    return reader.waitForTransactionReceipt({ hash, pollingInterval: POLL_MS })
  }

  /** All coins but what sending them may cost. */
  async function mineRest(to: Address): Promise<Mined> {
    requireEndpoint()
    const [balance, fees, gas] = await Promise.all([
      reader.getBalance({ address: account.address }),
      reader.estimateFeesPerGas(),
      reader.estimateGas({ account: account.address, to, value: 1n }),
    ])
    const cost = gas * fees.maxFeePerGas
    if (balance <= cost)
      throw new CallError('There are no coins to send', { code: 'NO_GAS', action: 'send coins' })
    const value = balance - cost
    const hash = await wallet.sendTransaction({ to, value, gas, ...fees, account, chain: definition })
    return reader.waitForTransactionReceipt({ hash, pollingInterval: POLL_MS })
  }

  async function transact(action: string, task: () => Promise<Mined>): Promise<TxResult> {
    const receipt = await read(action, () => retryNonce(task))
    const { transactionHash: hash, gasUsed, blockNumber } = receipt
    if (receipt.status === 'success') return { hash, gasUsed, blockNumber }
    throw new CallError(`The chain refused to ${action} (transaction ${hash})`, {
      code: 'REVERTED',
      action,
      reason: 'reverted when mined',
      args: [],
    })
  }

  /** Signs transactions that are recorded before they are sent; loaded when the first one is. */
  async function recorded(action: string) {
    if (account.type !== 'local' || rpcUrl === undefined) throw notRelayed(action)
    const open = async () =>
      (await import('./recorded.ts')).recordedSender({ reader, wallet, account, pollMs: POLL_MS })
    recording ??= open()
    recording.catch(() => (recording = undefined))
    return await recording
  }

  /** One transaction after another: they take their nonces in this order. */
  function inTurn(action: string, task: () => Promise<Mined>): Promise<TxResult> {
    const result = last.then(() => transact(action, task))
    last = result.catch(() => undefined)
    return result
  }

  return {
    network,
    account,
    way,
    reader,
    contracts,
    read,
    relays,
    async allow(spender, amount) {
      if (relay && (await relays())) {
        relay.allow(spender, amount)
        return undefined
      }
      const args = [contracts[spender].address, amount]
      const call = {
        action: 'approve the payment',
        contract: 'Token',
        functionName: 'approve',
        args,
      } as const
      return inTurn(call.action, () => mine(call))
    },
    write: (call) => inTurn(call.action, () => mine(call)),
    writeRelayed: (call) =>
      inTurn(call.action, () => {
        if (relay) return relay.send(call)
        throw notRelayed(call.action)
      }),
    hasRelay: relay !== undefined,
    async writeRecorded(call, record) {
      const sender = await recorded(call.action)
      let refused: { readonly error: unknown } | undefined
      const keep = async (signed: Signed): Promise<void> => {
        try {
          await record(signed)
        } catch (error) {
          refused = { error }
          throw error
        }
      }
      try {
        return await inTurn(call.action, () => sender.send(call, keep))
      } catch (error) {
        throw refused ? refused.error : error
      }
    },
    async recordedOutcome(bids, { push = false } = {}) {
      const action = 'look for a transaction'
      const sender = await recorded(action)
      return await read(action, () => (push ? sender.push(bids) : sender.outcome(bids)))
    },
    async raiseRecorded(signed, action) {
      const sender = await recorded(action)
      return await read(action, () => sender.raise(signed, action))
    },
    sendCoins: (to, value) => inTurn('send coins', () => mineTransfer(to, value)),
    sendAllCoins: (to) => inTurn('send coins', () => mineRest(to)),
    head: () =>
      read('read the newest block', async () => {
        const { number, timestamp } = await reader.getBlock({ blockTag: 'latest' })
        return { number, timestamp: Number(timestamp) }
      }),
    async check() {
      const [actual, genesis] = await read('ask for the chain id', () =>
        Promise.all([reader.getChainId(), reader.getBlock({ blockNumber: 0n })]),
      )
      if (actual === network.chainId) return genesis.hash
      const expected = network.chainId
      throw new CallError(`${where} is chain ${actual}, not ${expected}`, {
        code: 'WRONG_CHAIN',
        expected,
        actual,
      })
    },
  }
}

/** Two processes of one account may pick the same nonce; the loser tries again. */
async function retryNonce<T>(task: () => Promise<T>, attempts = 4): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (attempt >= attempts || !/nonce too low|replacement transaction/i.test(String(error))) throw error
    }
  }
}
