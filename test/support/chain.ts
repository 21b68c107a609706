import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  http,
  parseEther,
  type Address,
  type Hex,
} from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { contractsAt, localChain } from '@teahouse/protocol/chain'
import { deployLocal, type DeployOptions } from '../../scripts/contracts/deploy.ts'
import { freePorts } from '../../scripts/start/free-ports.ts'

export const ROOT = join(import.meta.dirname, '../..')
/** hardhat's well-known phrase; its accounts are rich. */
const PHRASE = 'test test test test test test test test test test test junk'
const START_TIMEOUT_MS = 90_000

/** One TEA in the token's smallest unit. */
export const TEA = 1_000_000n

export type TestChain = Awaited<ReturnType<typeof startChain>>

/** Starts a hardhat node of its own and deploys all contracts on it with the local parameters unless others are given. */
export async function startChain(options: Pick<DeployOptions, 'parameters' | 'record'> = {}) {
  const [port] = await freePorts(1)
  const rpcUrl = `http://127.0.0.1:${port}`
  const args = [
    'node_modules/hardhat/dist/src/cli.js',
    'node',
    '--hostname',
    '127.0.0.1',
    '--port',
    String(port),
  ]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  try {
    const transport = http(rpcUrl)
    const client = createPublicClient({ chain: localChain, transport, pollingInterval: 50, cacheTime: 0 })
    await until('the chain answers', () => client.getBlockNumber().then(() => true), START_TIMEOUT_MS)
    const contracts = await deployLocal(rpcUrl, options)
    const account = mnemonicToAccount(PHRASE)
    const faucet = createWalletClient({ account, chain: localChain, transport })
    const control = createTestClient({ mode: 'hardhat', chain: localChain, transport })
    const at = contractsAt(contracts, { public: client, wallet: faucet })
    return { rpcUrl, chainId: localChain.id, client, faucet, control, contracts, at, stop }
  } catch (err) {
    await stop()
    throw err
  }
}

/** The same chain, with another deployment over the same token. */
export async function deployBeside(chain: TestChain, record?: string): Promise<TestChain> {
  const given = { Token: chain.contracts.Token }
  const contracts = await deployLocal(chain.rpcUrl, { given, ...(record !== undefined && { record }) })
  return { ...chain, contracts, at: contractsAt(contracts, { public: chain.client, wallet: chain.faucet }) }
}

/** A new account with native coin and `tokens`, that has allowed every contract to take its tokens. */
export async function newWallet(chain: TestChain, tokens: bigint, privateKey: Hex = generatePrivateKey()) {
  const account = privateKeyToAccount(privateKey)
  await fund(chain, account.address, tokens)
  const wallet = createWalletClient({ account, chain: localChain, transport: http(chain.rpcUrl) })
  const at = contractsAt(chain.contracts, { public: chain.client, wallet })
  for (const spender of [chain.contracts.MembershipRegistry, chain.contracts.PaymentChannels]) {
    await mined(chain, at.Token.write.approve([spender, 2n ** 256n - 1n]))
  }
  return { privateKey, account, wallet, at }
}
export type TestWallet = Awaited<ReturnType<typeof newWallet>>

/** Gives an address ten native coins and freshly minted tokens. */
export async function fund(chain: TestChain, to: Address, tokens: bigint): Promise<void> {
  await mined(chain, chain.faucet.sendTransaction({ to, value: parseEther('10') }))
  if (tokens > 0n) await mined(chain, chain.at.Token.write.mint([to, tokens]))
}

/** Waits for a transaction and expects that it succeeded. */
export async function mined(chain: TestChain, sent: Promise<Hex>) {
  const receipt = await chain.client.waitForTransactionReceipt({ hash: await sent })
  if (receipt.status !== 'success') throw new Error(`Transaction ${receipt.transactionHash} failed`)
  return receipt
}

/** Asks `probe` until it gives something that is neither undefined nor false. Throws after `timeoutMs`, naming `what`. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
  everyMs = 100,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value !== undefined && value !== false) return value
    } catch (err) {
      last = err
    }
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms until ${what}`, { cause: last })
    await sleep(everyMs)
  }
}
