import { type Address, encodeFunctionData, erc20Abi, type PublicClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { DealPlace } from '../../../client/src/deals/agreed.ts'
import { dealState, type DealNow } from '../../../client/src/deals/machine.ts'
import type { Offer } from '../../../client/src/deals/offer.ts'
import type { DealView } from '../../../client/src/deals/payout.ts'
import { callOf } from '../../../client/src/deals/sending.ts'
import { type EscrowAct, signAct, type SignedAct } from '../../../client/src/deals/signed.ts'
import { ChainRelayConfig } from '../../../nodes/src/chain-relay/config.ts'
import { simulator } from '../../../nodes/src/chain-relay/simulate.ts'
import { abis } from '../../../protocol/src/chain/index.ts'
import { readAction } from '../../../protocol/src/chain-relay/index.ts'
import { simulatedNetwork } from './simulated.ts'

const CHAIN_ID = 31_337
const STATES = ['none', 'offered', 'funded', 'challenged', 'disputed', 'closed'] as const
const FOREVER = 2 ** 40 - 1

/** An act without its deadline. */
export type Act = EscrowAct extends infer A ? (A extends unknown ? Omit<A, 'deadline'> : never) : never

/**
 * A simulated chain on which a payer, a payee and an arbiter sign, and a node's rules send it all: the kit's signatures and calls, on real contracts.
 */
export async function dealPeople() {
  const chain = await simulatedNetwork()
  const { alice: payer, bob: payee, client, testClient, addresses, connection } = chain
  const deployed = async (name: string): Promise<Address> =>
    (await connection.viem.deployContract(name as 'CabRide')).address
  const evaluators = {
    CabRide: await deployed('CabRide'),
    Milestones: await deployed('Milestones'),
    ParametricInsurance: await deployed('ParametricInsurance'),
  }
  const place: DealPlace = {
    ...{ chainId: CHAIN_ID, escrow: addresses.Escrow, unit: { symbol: 'TEA', decimals: 6 } },
    evaluators,
  }
  const arbiter = privateKeyToAccount(`0x${'a4b1'.padStart(64, '0')}`)
  const oracle = privateKeyToAccount(`0x${'04ac1e'.padStart(64, '0')}`)
  const app: Address = '0x000000000000000000000000000000000000aaaa'
  const escrow = { address: addresses.Escrow, abi: abis.Escrow } as const
  const relayer = (await connection.viem.getWalletClients())[0]!
  const maxGas = BigInt(ChainRelayConfig.parse({}).maxGas)
  const tryOut = simulator({ client: client as PublicClient, relayer: relayer.account.address, maxGas })

  const now = async () => Number((await client.getBlock()).timestamp)
  const tokens = (of: Address) =>
    client.readContract({ address: addresses.Token, abi: erc20Abi, functionName: 'balanceOf', args: [of] })

  async function view({ deal }: Pick<Offer, 'deal'>): Promise<DealView> {
    const { state, byPayee, endsAt, left } = await client.readContract({
      ...escrow,
      functionName: 'deal',
      args: [deal],
    })
    return { state: STATES[state]!, byPayee, endsAt, left }
  }

  /** As a node does it: the call is in its list, no signer is a contract, and the chain takes it now. Throws Reverts. */
  async function call(functionName: string, args: readonly unknown[]): Promise<void> {
    const data = encodeFunctionData({ ...escrow, functionName, args } as never)
    const action = readAction(addresses, { to: escrow.address, data }, relayer.account.address, evaluators)
    const { gas } = await tryOut(action, data)
    const hash = await relayer.sendTransaction({ to: escrow.address, data, gas })
    const { status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`${functionName} failed`)
  }

  /** Whether the chain would take a call now. */
  const works = (functionName: string, args: readonly unknown[]): Promise<boolean> =>
    client.simulateContract({ ...escrow, functionName, args, account: relayer.account } as never).then(
      () => true,
      (error: unknown) => {
        // What fails otherwise than by a revert is a fault of the test.
        if (/reverted|execution/i.test(String(error))) return false
        throw error
      },
    )

  const people = { payer: payer.account, payee: payee.account, arbiter }
  type Person = keyof typeof people

  const signed = (offer: Offer, who: Person, act: Act): Promise<SignedAct> =>
    signAct(offer, { ...act, deadline: FOREVER } as EscrowAct, people[who], { confirm: () => true })

  async function send(offer: Offer, who: Person, act: Act): Promise<void> {
    const { functionName, args } = callOf(await signed(offer, who, act))
    await call(functionName, args)
  }

  /** The next block's time. */
  const goTo = async (timestamp: number): Promise<void> => {
    await testClient.setNextBlockTimestamp({ timestamp: BigInt(timestamp) })
    await testClient.mine({ blocks: 1 })
  }

  /** What a task moves between the five. */
  async function moved(task: () => Promise<void>) {
    const parties = {
      payer: payer.address,
      payee: payee.address,
      arbiter: arbiter.address,
      app,
      escrow: addresses.Escrow,
    }
    const holdings = async () =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(parties).map(async ([name, of]) => [name, await tokens(of)] as const),
        ),
      ) as Record<keyof typeof parties, bigint>
    const before = await holdings()
    await task()
    const after = await holdings()
    return Object.fromEntries(
      Object.keys(parties).map((name) => [name, after[name as Person] - before[name as Person]]),
    ) as Record<keyof typeof parties, bigint>
  }

  /** Runs a task and takes it back. */
  async function undone<T>(task: () => Promise<T>): Promise<T> {
    const id = await testClient.snapshot()
    try {
      return await task()
    } finally {
      await testClient.revert({ id })
    }
  }

  const stand = async (offer: Offer): Promise<DealNow> =>
    dealState(offer.terms, await view(offer), await now())
  return {
    ...{
      chain,
      place,
      oracle,
      app,
      parties: { payer: payer.address, payee: payee.address, arbiter: arbiter.address },
    },
    ...{ people, now, view, stand, call, works, signed, send, goTo, moved, undone, tokens },
    stop: () => connection.close(),
  }
}

export type DealPeople = Awaited<ReturnType<typeof dealPeople>>
