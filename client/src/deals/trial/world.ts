import { abis } from '@teahouse/protocol/chain'
import {
  createPublicClient,
  createWalletClient,
  custom,
  decodeAbiParameters,
  defineChain,
  encodeFunctionData,
  isHex,
  maxUint256,
  numberToHex,
  size,
  zeroAddress,
  type Address,
  type EIP1193Provider,
  type Hex,
  type LocalAccount,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { TERMS_TYPE, actTypedData, dealId, type DealTerms } from '../terms.ts'
import type { Agree, Agreement } from './agreement.ts'

/** A development chain, such as that of `npm start`, Hardhat's or anvil: accounts get coins by `hardhat_setBalance`, and the token mints for everybody. */
export interface DevChain {
  readonly provider: Pick<EIP1193Provider, 'request'>
  readonly contracts: { readonly Token: Address; readonly Escrow: Address }
}

/** A deal on the chain, how it was agreed on, and its evidence. */
export interface TestDeal {
  readonly deal: Hex
  readonly terms: DealTerms
  readonly agreement: Agreement
  readonly evidence: Hex
}

/** What an evaluator says: undefined if it refuses. */
export interface Answer {
  readonly bytes: number
  readonly total: bigint
  readonly flag: bigint
}

const EVALUATE = [
  {
    type: 'function',
    name: 'evaluate',
    stateMutability: 'view',
    inputs: [
      { name: 'deal', type: 'bytes32' },
      { name: 'terms', type: 'tuple', components: TERMS_TYPE },
      { name: 'paid', type: 'uint128' },
      { name: 'evidence', type: 'bytes' },
    ],
    outputs: [{ type: 'uint128' }, { type: 'bool' }],
  },
] as const
const WORDS = [{ type: 'uint256' }, { type: 'uint256' }] as const
const COINS = 10n ** 21n
const TOKENS = 10n ** 12n
/** What the escrow lets an evaluator use (DealEvaluation.sol). */
export const EVALUATOR_GAS = 500_000n
const POLL_MS = 50

export type World = Awaited<ReturnType<typeof openWorld>>

/** A payer, a payee and a thief with money of their own on a development chain; and one evaluator. */
export async function openWorld({ provider, contracts }: DevChain, evaluator: Address, agree: Agree) {
  const transport = custom(provider, { retryCount: 0 })
  const chainId = await createPublicClient({ transport }).getChainId()
  const chain = defineChain({
    id: chainId,
    name: 'development',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
  const client = createPublicClient({ chain, transport, pollingInterval: POLL_MS, cacheTime: 0 })
  const [payer, payee, thief] = [person(), person(), person()]
  const people = { payer, payee, thief }
  for (const { address } of Object.values(people)) {
    await request('hardhat_setBalance', [address, numberToHex(COINS)])
    await send(payer, 'Token', 'mint', [address, TOKENS])
  }
  for (const one of [payer, payee]) await send(one, 'Token', 'approve', [contracts.Escrow, maxUint256])

  async function request(method: string, params: readonly unknown[]): Promise<unknown> {
    return (provider.request as (call: object) => Promise<unknown>)({ method, params })
  }

  /** Sends a call and waits for it. Throws what viem throws if the contract refuses. */
  async function send(
    account: LocalAccount,
    contract: 'Token' | 'Escrow',
    functionName: string,
    args: readonly unknown[],
  ): Promise<void> {
    const wallet = createWalletClient({ account, chain, transport })
    const call = { address: contracts[contract], abi: abis[contract], functionName, args } as never
    await client.waitForTransactionReceipt({ hash: await wallet.writeContract(call) })
  }

  const now = async () => Number((await client.getBlock()).timestamp)

  /** Another deal that names the evaluator, as its parties agree on it; nothing is on the chain yet. */
  async function draft(amount: bigint, more: Partial<DealTerms> = {}): Promise<TestDeal> {
    const time = await now()
    const agreement = await agree({ payer, payee, amount, now: time })
    const terms: DealTerms = {
      ...{ payer: payer.address, payee: payee.address, arbiter: zeroAddress, evaluator, amount },
      ...{ collateral: 0n, arbiterFee: 0n, bond: 0n, deliverBy: time + 10_000 },
      ...{ disputeWindow: 600, rulingWindow: 0, defaultToPayee: 0 },
      ...{ appFeeRecipient: zeroAddress, appFeeBps: 0 },
      ...agreement.terms,
      ...more,
    }
    const deal = dealId(terms, chainId, contracts.Escrow)
    return { deal, terms, agreement, evidence: await agreement.evidence(deal) }
  }

  /** The same with its money in the escrow. */
  async function open(amount: bigint, more: Partial<DealTerms> = {}): Promise<TestDeal> {
    const drafted = await draft(amount, more)
    await send(payer, 'Escrow', 'fund', [drafted.terms])
    if (drafted.terms.collateral > 0n) await send(payee, 'Escrow', 'accept', [drafted.terms])
    return drafted
  }

  /** Asks the evaluator as the escrow does, but by a call that changes nothing. */
  async function ask(
    { deal, terms }: TestDeal,
    evidence: Hex,
    { gas = EVALUATOR_GAS, paid = 0n } = {},
  ): Promise<Answer | undefined> {
    const data = encodeFunctionData({ abi: EVALUATE, args: [deal, terms, paid, evidence] })
    const call = { from: contracts.Escrow, to: evaluator, data, gas: numberToHex(gas + intrinsicGas(data)) }
    const result = await request('eth_call', [call, 'latest']).catch(() => undefined)
    if (!isHex(result)) return undefined
    if (size(result) < 64) return { bytes: size(result), total: 0n, flag: 0n }
    const [total, flag] = decodeAbiParameters(WORDS, result)
    return { bytes: size(result), total, flag }
  }

  /** Gas of the evaluator for a piece of evidence; undefined if it refuses. */
  async function gasOf({ deal, terms }: TestDeal, evidence: Hex): Promise<bigint | undefined> {
    const data = encodeFunctionData({ abi: EVALUATE, args: [deal, terms, 0n, evidence] })
    const gas = numberToHex(2n * EVALUATOR_GAS + intrinsicGas(data))
    const call = { from: contracts.Escrow, to: evaluator, data, gas }
    const estimate = await request('eth_estimateGas', [call]).catch(() => undefined)
    return isHex(estimate) ? BigInt(estimate) - intrinsicGas(data) : undefined
  }

  /** Whether the escrow would take the evidence from `sender`. */
  async function takes({ terms }: TestDeal, evidence: Hex, sender: LocalAccount): Promise<boolean> {
    const data = encodeFunctionData({
      abi: abis.Escrow,
      functionName: 'evaluate',
      args: [terms, evidence],
    })
    const call = { from: sender.address, to: contracts.Escrow, data }
    return request('eth_call', [call, 'latest']).then(
      () => true,
      () => false,
    )
  }

  const tokens = (of: Address) =>
    client.readContract({
      address: contracts.Token,
      abi: abis.Token,
      functionName: 'balanceOf',
      args: [of],
    })
  const stateOf = (deal: Hex) =>
    client.readContract({ address: contracts.Escrow, abi: abis.Escrow, functionName: 'deal', args: [deal] })
  const code = async (): Promise<Hex> => (await client.getCode({ address: evaluator })) ?? '0x'

  /** The payee's consent to a split. */
  const consents = ({ deal }: TestDeal, payeeAmount: bigint, deadline: number): Promise<Hex> =>
    payee.signTypedData(
      actTypedData({ act: 'Settlement', deal, payeeAmount, deadline }, chainId, contracts.Escrow),
    )

  /** Makes blocks until the chain's clock shows a later second. */
  async function passes(second: number): Promise<void> {
    while ((await now()) <= second) await request('evm_mine', [])
  }

  return { ...people, send, now, draft, open, ask, gasOf, takes, tokens, stateOf, code, consents, passes }
}

const person = (): LocalAccount => privateKeyToAccount(generatePrivateKey())

/** What a transaction costs before it does anything: EIP-2028, without what EIP-7623 adds for data that nothing is done with. */
function intrinsicGas(data: Hex): bigint {
  const bytes = (data.length - 2) / 2
  const zeros = (data.slice(2).match(/../g) ?? []).filter((byte) => byte === '00').length
  return 21_000n + 4n * BigInt(zeros) + 16n * BigInt(bytes - zeros)
}
