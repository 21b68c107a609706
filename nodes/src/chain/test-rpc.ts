import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { keccak256, numberToHex, stringToHex, type Hex } from 'viem'

export interface TestLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

export interface TestBlock {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestamp: number
  readonly logs: readonly TestLog[]
}

/** A chain in memory, which several endpoints can serve. Storage is the block's hash, so a call shows where it was made. */
export class TestEvm {
  readonly chainId: number
  blocks: TestBlock[]

  constructor(chainId = 1, blocks: readonly TestBlock[] = [blockOf('genesis', undefined)]) {
    this.chainId = chainId
    this.blocks = [...blocks]
  }

  get head(): TestBlock {
    return this.blocks.at(-1)
  }

  mine(count = 1, branch = 'a', logs: readonly TestLog[] = []): this {
    for (let n = 0; n < count; n++) this.blocks.push(blockOf(branch, this.head, logs))
    return this
  }

  /** The same chain up to a block, to be continued on another branch. */
  fork(upTo: number): TestEvm {
    return new TestEvm(this.chainId, this.blocks.slice(0, upTo + 1))
  }
}

function blockOf(branch: string, parent: TestBlock | undefined, logs: readonly TestLog[] = []): TestBlock {
  const number = parent ? parent.number + 1 : 0
  const parentHash = parent?.hash ?? keccak256('0x')
  const hash = keccak256(stringToHex(`${branch} ${number} ${parentHash}`))
  return { number, hash, parentHash, timestamp: number * 10, logs }
}

export type Params = readonly unknown[]

/** An endpoint over HTTP in front of a chain, with every fault that a test wants. */
export interface TestRpc {
  readonly url: string
  readonly host: string
  chain: TestEvm
  /** Blocks of the chain that it does not know yet. */
  behind: number
  /** Changes what it answers. Throw an `RpcFailure` for an error of JSON-RPC. */
  alter: ((method: string, params: Params, answer: unknown) => unknown) | undefined
  /** What it sends in place of JSON. */
  raw: string | undefined
  /** Keeps connections open without a word. */
  mute: boolean
  /** Methods asked, in order; transactions sent; the last credentials given. */
  readonly asked: string[]
  readonly sent: Hex[]
  authorization: string | undefined
  shut(): Promise<void>
  open(): Promise<void>
}

export class RpcFailure extends Error {
  readonly code: number
  readonly data: unknown
  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** Starts an endpoint on a port of loopback, which it keeps when it is shut and opened. */
export async function testRpc(chain: TestEvm): Promise<TestRpc> {
  const sockets = new Set<Socket>()
  let server: Server
  let port = 0
  const rpc: TestRpc = {
    get url() {
      return `http://${rpc.host}/v3/secret-key`
    },
    get host() {
      return `127.0.0.1:${port}`
    },
    chain,
    behind: 0,
    alter: undefined,
    raw: undefined,
    mute: false,
    asked: [],
    sent: [],
    authorization: undefined,
    async shut() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
    async open() {
      server = createServer((request, response) => void answer(rpc, request, response))
      server.on('connection', (socket) => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
      })
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
    },
  }
  await rpc.open()
  return rpc
}

async function answer(rpc: TestRpc, request: IncomingMessage, response: ServerResponse): Promise<void> {
  rpc.authorization = request.headers.authorization
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
    id: number
    method: string
    params: Params
  }
  rpc.asked.push(method)
  if (rpc.mute) return
  if (rpc.raw !== undefined) return void response.end(rpc.raw)
  try {
    const honest = honestAnswer(rpc, method, params)
    const result = rpc.alter ? rpc.alter(method, params, honest) : honest
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null }))
  } catch (err) {
    const { code = -32_603, message, data } = err as RpcFailure
    response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } }))
  }
}

function honestAnswer(rpc: TestRpc, method: string, params: Params): unknown {
  const blocks = rpc.chain.blocks.slice(0, rpc.chain.blocks.length - rpc.behind)
  const named = (name: unknown): TestBlock | undefined => {
    if (typeof name === 'object' && name !== null && 'blockHash' in name)
      return blocks.find(({ hash }) => hash === name.blockHash)
    return name === 'latest' ? blocks.at(-1) : blocks[Number(name)]
  }
  switch (method) {
    case 'eth_chainId':
      return numberToHex(rpc.chain.chainId)
    case 'eth_getBlockByNumber':
      return rawBlock(named(params[0]))
    case 'eth_call': {
      const block = named(params[1])
      if (!block) throw new RpcFailure(-32_000, 'header not found')
      return block.hash
    }
    case 'eth_getLogs': {
      const { fromBlock, toBlock } = params[0] as { fromBlock: Hex; toBlock: Hex }
      return blocks.slice(Number(fromBlock), Number(toBlock) + 1).flatMap(rawLogs)
    }
    case 'eth_sendRawTransaction':
      rpc.sent.push(params[0] as Hex)
      return keccak256(params[0] as Hex)
    case 'eth_getTransactionReceipt':
      return rawReceipt(params[0] as Hex, blocks.at(-1))
    case 'eth_getTransactionCount':
      return numberToHex(rpc.sent.length)
    default:
      throw new RpcFailure(-32_601, `${method} is not known here`)
  }
}

function rawBlock(block: TestBlock | undefined): unknown {
  if (!block) return null
  const { number, hash, parentHash, timestamp } = block
  return {
    number: numberToHex(number),
    hash,
    parentHash,
    timestamp: numberToHex(timestamp),
    transactions: [],
  }
}

function rawLogs({ number, hash, logs }: TestBlock): unknown[] {
  return logs.map((log, at) => ({
    ...log,
    blockNumber: numberToHex(number),
    blockHash: hash,
    transactionHash: keccak256(hash),
    transactionIndex: '0x0',
    logIndex: numberToHex(at),
  }))
}

function rawReceipt(transactionHash: Hex, { number, hash }: TestBlock): unknown {
  return {
    transactionHash,
    transactionIndex: '0x0',
    blockHash: hash,
    blockNumber: numberToHex(number),
    from: `0x${'11'.repeat(20)}`,
    to: `0x${'22'.repeat(20)}`,
    status: '0x1',
    gasUsed: '0x5208',
    logs: [],
  }
}
