// node examples/evaluator/main.ts: compiles LateParcel.sol, deploys it on the network of `npm start`, and tries to steal from its deals.
import { readFile } from 'node:fs/promises'
import { FINDINGS } from '@teahouse/client/deals/trial'
import { localChain, LocalNetwork } from '@teahouse/protocol/chain'
import { createPublicClient, createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { tryEvaluator } from './try.ts'

const [networkFile = '.teahouse/local.json'] = process.argv.slice(2)
const { rpcUrl, contracts, chainId } = LocalNetwork.parse(JSON.parse(await readFile(networkFile, 'utf8')))

const transport = http(rpcUrl)
const client = createPublicClient({ chain: localChain, transport, pollingInterval: 100 })
// The account that every development chain gives coins to.
const account = mnemonicToAccount('test test test test test test test test test test test junk')
const wallet = createWalletClient({ account, chain: localChain, transport })
const findings = await tryEvaluator(
  { provider: client, contracts, chainId },
  async (data) => {
    const hash = await wallet.sendTransaction({ data })
    const { contractAddress } = await client.waitForTransactionReceipt({ hash })
    return contractAddress!
  },
  (name) => process.stdout.write(`${name} …\n`),
)
for (const { code, text } of findings) process.stdout.write(`${code}: ${text}\n  ${FINDINGS[code]}\n`)
process.stdout.write(findings.length === 0 ? 'It holds.\n' : '')
process.exitCode = findings.length === 0 ? 0 : 1
