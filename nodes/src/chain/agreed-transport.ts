import { custom, keccak256, MethodNotSupportedRpcError, numberToHex, RpcRequestError, type Hex } from 'viem'
import { z } from 'zod'
import { Data, Quantity, RawBlock, RawLogs, RawReceipt, RawTransaction, revertKey } from './answers.ts'
import type { Endpoint } from './endpoint.ts'
import type { Endpoints } from './endpoints.ts'
import { NodeChainError } from './errors.ts'

type Params = readonly unknown[]
type Handler = (params: Params, method: string) => Promise<unknown>

/** A block as requests name it: a number or a tag. */
type BlockName = Hex | 'latest' | 'pending' | undefined

/**
 * viem's way to the chain over all endpoints. What a request is about decides how far one endpoint is believed:
 *
 * - state and code at a block (`eth_call` …): the block's hash is agreed on, then the answer under that hash is;
 * - headers, logs, receipts, what a transaction was given: as a quorum tells them, field by field;
 * - nonce, gas and fees: the highest that a quorum reaches, so that a few can't push them up;
 * - a signed transaction: to all; its hash is our own;
 * - anything else: refused, since nobody looked at how it can be checked.
 */
export function agreedTransport(chainId: number, endpoints: Endpoints) {
  const handlers = handlersOf(chainId, endpoints)
  return custom(
    {
      async request({ method, params = [] }: { method: string; params?: Params }): Promise<unknown> {
        const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
        if (!handler) throw unchecked(method)
        return await handler(params, method)
      },
    },
    { retryCount: 0 },
  )
}

function handlersOf(chainId: number, endpoints: Endpoints): Record<string, Handler> {
  const { agreed, fresh, read } = endpoints

  async function block(name: BlockName): Promise<RawBlock> {
    const head = await agreed()
    const number = name === undefined || name === 'latest' || name === 'pending' ? head.number : BigInt(name)
    const params = [numberToHex(number), false]
    const known = number <= head.number ? { upTo: number } : {}
    return await read({ method: 'eth_getBlockByNumber', params, schema: RawBlock, ...known })
  }

  /** Number and hash of the block that a request is about. */
  async function pin(name: BlockName): Promise<{ number: bigint; hash: Hex }> {
    if (name === undefined || name === 'latest' || name === 'pending') return await fresh()
    const head = await agreed()
    if (BigInt(name) === head.number) return head
    const found = await block(name)
    if (found) return { number: BigInt(found.number), hash: found.hash }
    throw noBlock(name)
  }

  /** `at`: where in the parameters the block stands. */
  const atBlock =
    (at: number): Handler =>
    async (params, method) => {
      const { number, hash } = await pin(params[at] as BlockName)
      const named = (blockName: unknown) => params.toSpliced(at, 1, blockName)
      return await read({
        method,
        params: named({ blockHash: hash }),
        instead: named(numberToHex(number)),
        schema: Data,
        upTo: number,
      })
    }

  const logs: Handler = async ([filter], method) => {
    const { fromBlock, toBlock } = filter as { fromBlock?: BlockName; toBlock?: BlockName }
    const { number } = await agreed()
    const upTo = toBlock === undefined || toBlock === 'latest' ? number : BigInt(toBlock)
    const range = { fromBlock: fromBlock ?? numberToHex(number), toBlock: numberToHex(upTo) }
    return await read({ method, params: [{ ...(filter as object), ...range }], schema: RawLogs, upTo })
  }

  /** A receipt that only some have yet is none yet. */
  const receipt: Handler = async (params, method) => {
    await agreed()
    return await read({ method, params, schema: RawReceipt }).catch((err: unknown) => {
      if (err instanceof NodeChainError && err.detail.code === 'NO_QUORUM' && err.detail.answers > 1)
        return null
      throw err
    })
  }

  const reached: Handler = async (params, method) => {
    await agreed()
    return await reachedByQuorum(endpoints, method, params)
  }

  return {
    eth_chainId: async () => numberToHex(chainId),
    eth_blockNumber: async () => numberToHex((await agreed()).number),
    eth_getBlockByNumber: ([name]) => block(name as BlockName),
    eth_call: atBlock(1),
    eth_getCode: atBlock(1),
    eth_getBalance: atBlock(1),
    eth_getLogs: logs,
    eth_getTransactionReceipt: receipt,
    eth_getTransactionByHash: async (params, method) => {
      await agreed()
      return await read({ method, params, schema: RawTransaction })
    },
    eth_getTransactionCount: reached,
    eth_estimateGas: reached,
    eth_gasPrice: reached,
    eth_maxPriorityFeePerGas: reached,
    eth_sendRawTransaction: async ([raw], method) => {
      await agreed()
      await broadcast(endpoints, method, raw as Hex)
      return keccak256(raw as Hex)
    },
  }
}

/** Asks all, and gives the highest value that a quorum reaches. Throws the contract's refusal if that is what a quorum says. */
async function reachedByQuorum({ usable, quorum }: Endpoints, method: string, params: Params): Promise<Hex> {
  const asked = await Promise.allSettled(usable().map((one) => one.ask(method, params, Quantity)))
  const values = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failures = asked.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  const value = values.sort((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1))[quorum - 1]
  if (value !== undefined) return value
  const refusals = failures.filter((failure) => revertKey(failure) !== undefined)
  if (refusals.length >= quorum) throw refusals[0]
  const detail = { code: 'NO_QUORUM', method, quorum, agreed: values.length, answers: asked.length } as const
  const message = `${values.length} RPC endpoints answered ${method}, ${quorum} have to`
  throw new NodeChainError(message, detail, { cause: failures[0] })
}

/** Sends to all, so that none can hold it back. Throws what they say if none takes it. */
async function broadcast({ usable, quorum }: Endpoints, method: string, raw: Hex): Promise<void> {
  const send = (one: Endpoint) => one.ask(method, [raw], z.unknown())
  const sent = await Promise.allSettled(usable().map(send))
  if (sent.some(({ status }) => status === 'fulfilled')) return
  const failures = sent.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  const answer = failures.find((failure) => failure instanceof RpcRequestError)
  if (answer) throw answer
  const detail = { code: 'NO_QUORUM', method, quorum, agreed: 0, answers: sent.length } as const
  throw new NodeChainError('No RPC endpoint took the transaction', detail, { cause: failures[0] })
}

function noBlock(name: Hex): NodeChainError {
  const detail = { code: 'NO_BLOCK', number: BigInt(name).toString() } as const
  return new NodeChainError(`The chain has no block ${BigInt(name)}`, detail)
}

/** As viem expects it of endpoints that do not know a method: it has other ways for what it can do without. */
function unchecked(method: string): MethodNotSupportedRpcError {
  const message = `${method} is not asked: its answer could not be checked`
  return new MethodNotSupportedRpcError(new NodeChainError(message, { code: 'UNCHECKED_METHOD', method }), {
    method,
  })
}
