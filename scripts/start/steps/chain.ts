import { join } from 'node:path'
import { createPublicClient, createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { contractsAt, Evaluators, localChain } from '@teahouse/protocol/chain'
import { deployLocal } from '../../contracts/deploy.ts'
import { readRecord } from '../../deploy/record.ts'
import type { Children } from '../children.ts'
import { freePorts } from '../free-ports.ts'
import { ROOT, type Paths } from '../paths.ts'
import type { StepLog } from '../report.ts'
import { must } from '../start-error.ts'

/** hardhat's well-known phrase: its first account deploys, and is the faucet of the local network. */
const FAUCET_PHRASE = 'test test test test test test test test test test test junk'
const START_TIMEOUT_MS = 60_000

/** Step 1: a chain of our own, with the contracts on it. */
export async function startChain(log: StepLog, children: Children, home: Paths) {
  const [port] = await freePorts(1)
  const rpcUrl = `http://127.0.0.1:${port}`
  const client = createPublicClient({
    chain: localChain,
    transport: http(rpcUrl),
    pollingInterval: 100,
    cacheTime: 0,
  })

  await log.time(`local chain answers at ${rpcUrl}`, async () => {
    const hardhatCli = join(ROOT, 'node_modules/hardhat/dist/src/cli.js')
    const args = [hardhatCli, 'node', '--hostname', '127.0.0.1', '--port', String(port)]
    const logFile = join(home.chain, 'chain.log')
    const child = children.start({ name: 'The local chain', args, logFile, restarts: false })
    await child.ready(() => client.getBlockNumber(), START_TIMEOUT_MS)
  })
  const contracts = await log.time('contracts compiled, deployed by Ignition', () =>
    deployLocal(rpcUrl, { record: home.deployment }),
  )
  const { parts } = await readRecord(home.deployment)
  const evaluators = Evaluators.safeParse(
    Object.fromEntries(Object.entries(parts).map(([name, { address }]) => [name, address])),
  ).data
  must(evaluators !== undefined, 'there are the evaluators of deals')

  const account = mnemonicToAccount(FAUCET_PHRASE)
  const faucet = createWalletClient({ account, chain: localChain, transport: http(rpcUrl) })
  return {
    rpcUrl,
    chainId: localChain.id,
    client,
    faucet,
    contracts,
    evaluators,
    at: contractsAt(contracts, { public: client, wallet: faucet }),
  }
}

export type LocalChain = Awaited<ReturnType<typeof startChain>>
