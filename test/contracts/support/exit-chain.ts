import assert from 'node:assert/strict'
import { after, before, beforeEach } from 'node:test'
import { network } from 'hardhat'
import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  parseEther,
  zeroAddress,
  zeroHash,
} from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { localChain } from '@teahouse/protocol/chain'
import { createExit, type ExitOptions } from '../../../client/src/exit/index.ts'
import { presentDeployment } from '../../../protocol/src/chain/deployments/index.ts'
import { contractsAt } from '../../../protocol/src/chain/index.ts'
import { deployLocal } from '../../../scripts/contracts/deploy.ts'

export const TEA = 1_000_000n
export const HOUR = 3_600
export const COMMITMENT = 7n
const HOLDING = ['MembershipRegistry', 'OperatorStaking', 'PaymentChannels', 'Escrow', 'RedEnvelope'] as const

const clientOf = (rpcUrl: string) =>
  createPublicClient({ chain: localChain, transport: http(rpcUrl), cacheTime: 0 })
const controlOf = (rpcUrl: string) =>
  createTestClient({ mode: 'hardhat', chain: localChain, transport: http(rpcUrl) })

/** A chain of its own for the tests of the `describe` around it, as it was when deployed before each of them. */
export function exitChain() {
  let server: Awaited<ReturnType<typeof network.createServer>>
  let snapshot: Hex
  const chain = { rpcUrl: '', addresses: {} as Awaited<ReturnType<typeof deployLocal>> }

  before(async () => {
    server = await network.createServer('node', '127.0.0.1')
    const { address, port } = await server.listen()
    chain.rpcUrl = `http://${address}:${port}`
    chain.addresses = await deployLocal(chain.rpcUrl)
    snapshot = await controlOf(chain.rpcUrl).snapshot()
  })
  beforeEach(async () => {
    await controlOf(chain.rpcUrl).revert({ id: snapshot })
    snapshot = await controlOf(chain.rpcUrl).snapshot()
  })
  after(() => server.close())
  return chain
}
type ExitChain = ReturnType<typeof exitChain>

/** Somebody with coins, a hundred tokens, and allowances for all. */
async function newPerson({ rpcUrl, addresses }: ExitChain) {
  const transport = http(rpcUrl)
  const account = privateKeyToAccount(generatePrivateKey())
  const faucetAccount = mnemonicToAccount('test test test test test test test test test test test junk')
  const faucet = createWalletClient({ account: faucetAccount, chain: localChain, transport })
  await faucet.sendTransaction({ to: account.address, value: parseEther('1') })
  await contractsAt(addresses, faucet).Token.write.mint([account.address, 100n * TEA])
  const wallet = createWalletClient({ account, chain: localChain, transport })
  const at = contractsAt(addresses, { public: clientOf(rpcUrl), wallet })
  for (const name of HOLDING) await at.Token.write.approve([addresses[name], 100n * TEA])
  return { account, address: account.address, at }
}
type Person = Awaited<ReturnType<typeof newPerson>>

/** People on `chain`, the time on it, and what the exit finds and does for them. */
export function exitsOn(chain: ExitChain) {
  const client = () => clientOf(chain.rpcUrl)
  const control = () => controlOf(chain.rpcUrl)
  const person = () => newPerson(chain)

  const exitOf = ({ account }: Person, options: Partial<ExitOptions> = {}) => {
    const deployment = presentDeployment({ chainId: localChain.id, contracts: chain.addresses })
    return createExit({ rpcUrl: chain.rpcUrl, deployment, account, ...options })
  }

  /** What is found now: `what: kind or call`. */
  const seen = async (who: Person, options: Partial<ExitOptions> = {}) =>
    (await (await exitOf(who, options)).survey()).map(
      ({ what, next }) => `${what}: ${next.kind === 'call' ? next.functionName : next.kind}`,
    )

  /** Takes what can be taken; how many steps, and what is left. */
  async function leave(who: Person, options: Partial<ExitOptions> = {}) {
    const { done, refused, left } = await (await exitOf(who, options)).run()
    assert.deepEqual(refused, [])
    return { steps: done.map(({ does }) => does), left: left.map(({ next }) => next.kind) }
  }

  const tokens = ({ at, address }: Person) => at.Token.read.balanceOf([address])

  async function later(seconds: number): Promise<void> {
    await control().increaseTime({ seconds })
    await control().mine({ blocks: 1 })
  }

  const now = async () => Number((await client().getBlock()).timestamp)

  return { client, control, person, exitOf, seen, leave, tokens, later, now }
}

/** A deal of ten tokens, from `now` on. */
export const dealTerms = (payer: Person, payee: Person, now: number) => ({
  payer: payer.address,
  payee: payee.address,
  arbiter: '0x00000000000000000000000000000000000000AA' as Address,
  evaluator: zeroAddress as Address,
  amount: 10n * TEA,
  collateral: 0n,
  arbiterFee: TEA,
  bond: 0n,
  deliverBy: now + HOUR,
  disputeWindow: HOUR,
  rulingWindow: HOUR,
  defaultToPayee: 2_500,
  appFeeRecipient: zeroAddress as Address,
  appFeeBps: 0,
  details: zeroHash as Hex,
})
