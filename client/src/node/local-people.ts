import { abis, localChain, type LocalNetwork } from '@teahouse/protocol/chain'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestClient, http, parseEther, publicActions, walletActions, type Address } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { createAccount } from '../account/account.ts'
import { CallError } from '../chain/errors.ts'
import type { Client } from '../client.ts'
import { nodeClient } from './node-client.ts'

/** The phrase that every Hardhat chain gives its coins to; public, so worthless anywhere else. */
const WELL_KNOWN = 'test test test test test test test test test test test junk'
const COINS = parseEther('10')
const TOKENS = 100_000_000n
const ATTEMPTS = 5

/** People with play money on a chain of this machine, and its clock. */
export interface LocalPeople<Name extends string> {
  readonly people: Readonly<Record<Name, Client>>
  /** The chain's time, unix seconds: what deadlines of deals go by. */
  now(): Promise<number>
  /** Has blocks made until the chain's clock shows a later second. Everybody on this chain sees that. */
  passes(second: number): Promise<void>
  /** Tokens of an address, in the smallest unit. */
  tokens(of: Address): Promise<bigint>
  stop(): Promise<void>
}

/**
 * New accounts with coins and a hundred tokens each on a local network, for examples and for tests of mini-apps. Their files are removed at the end.
 * @throws CallError NO_CHAIN, WRONG_CHAIN on any chain but a local one.
 */
export async function localPeople<const Name extends string>(
  network: LocalNetwork,
  names: readonly Name[],
): Promise<LocalPeople<Name>> {
  const { chainId, rpcUrl, contracts } = network
  if (chainId !== localChain.id || rpcUrl === undefined)
    throw new CallError(`Chain ${chainId} gives no coins away`, {
      ...{ code: 'WRONG_CHAIN', expected: localChain.id, actual: chainId },
    })
  const faucet = createTestClient({
    account: mnemonicToAccount(WELL_KNOWN),
    ...{ mode: 'hardhat', chain: localChain, transport: http(rpcUrl), pollingInterval: 50, cacheTime: 0 },
  })
    .extend(publicActions)
    .extend(walletActions)
  const token = { address: contracts.Token, abi: abis.Token } as const

  async function fund(to: Address): Promise<void> {
    const mint = { ...token, functionName: 'mint', args: [to, TOKENS] } as const
    for (const send of [() => faucet.sendTransaction({ to, value: COINS }), () => faucet.writeContract(mint)])
      await faucet.waitForTransactionReceipt({ hash: await retried(send) })
  }

  const now = async () => Number((await faucet.getBlock()).timestamp)
  const root = await mkdtemp(join(tmpdir(), 'teahouse-people-'))
  const clients: Client[] = []
  const stop = async () => {
    await Promise.all(clients.map((client) => client.stop()))
    await rm(root, { recursive: true, force: true })
  }
  try {
    const people: Partial<Record<Name, Client>> = {}
    for (const name of names) {
      const account = createAccount()
      await fund(account.address)
      const client = await nodeClient({ network, account, dir: join(root, name) })
      clients.push(client)
      people[name] = client
    }
    return {
      people: people as Record<Name, Client>,
      now,
      async passes(second) {
        for (let left = second - (await now()); left >= 0; left--) await faucet.mine({ blocks: 1 })
      },
      tokens: (of) => faucet.readContract({ ...token, functionName: 'balanceOf', args: [of] }),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Others use the same account, so a nonce may be taken meanwhile. */
async function retried<T>(task: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (attempt >= ATTEMPTS || !/nonce/i.test(String(error))) throw error
    }
  }
}
