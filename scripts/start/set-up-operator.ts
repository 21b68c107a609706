import {
  parseEventLogs,
  type Account,
  type Address,
  type Chain,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { abis, chainError, contractsAt, type ContractAddresses } from '@teahouse/protocol/chain'
import { TeahouseError } from '@teahouse/protocol/errors'

/** A transaction of the set-up was mined but failed. */
class SetUpError extends TeahouseError<{ readonly code: 'TRANSACTION_FAILED'; readonly hash: Hex }> {}

/** The provision that holds an operator's general stake: for relaying, and as a home operator. */
const GENERAL_SERVICE = 0

interface OperatorSetUp {
  /** The owner's wallet: pays, and owns the operator. */
  readonly wallet: WalletClient<Transport, Chain, Account>
  readonly publicClient: PublicClient
  readonly contracts: ContractAddresses
  /** Address of the node key. */
  readonly node: Address
  /** Where the income goes. */
  readonly payee: Address
  /** Stake to hold in all, in the token's smallest unit; what is missing is added. */
  readonly stake: bigint
  /** The node's own RLN membership, under which it sends what comes without a proof. Its holder is the owner. */
  readonly membership?: { readonly commitment: bigint; readonly rateLimit: number }
  /** Native coin to leave the node key with at least, in wei, for its own transactions. */
  readonly nodeBalance?: bigint
}

/** A transaction of the set-up. */
interface SetUpStep {
  readonly name: 'approve' | 'createOperator' | 'stake' | 'register' | 'fundNode'
  readonly hash: Hex
  readonly gasUsed: bigint
}

/**
 * For the local network and for tests, at once and unasked; operators do it with `teahouse node` (client/src/operator). Makes `node` an operator's node: creates the operator, adds stake, registers the node's membership, funds the node key. What is done
 * already is skipped, so it can be run again. @throws ChainError with the contract's error; SetUpError.
 */
export async function setUpOperator(
  setUp: OperatorSetUp,
): Promise<{ readonly operatorId: number; readonly steps: SetUpStep[] }> {
  const { wallet, publicClient, contracts, node, payee } = setUp
  const owner = wallet.account.address
  const read = contractsAt(contracts, publicClient)
  const write = contractsAt(contracts, { public: publicClient, wallet })
  const steps: SetUpStep[] = []

  async function run(name: SetUpStep['name'], send: Promise<Hex>) {
    const hash = await send
    const receipt = await publicClient.waitForTransactionReceipt({ hash, pollingInterval: 250 })
    if (receipt.status !== 'success')
      throw new SetUpError(`${name} was mined but failed`, { code: 'TRANSACTION_FAILED', hash })
    steps.push({ name, hash, gasUsed: receipt.gasUsed })
    return receipt
  }

  async function approve(spender: Address, amount: bigint): Promise<void> {
    if ((await read.Token.read.allowance([owner, spender])) >= amount) return
    await run('approve', write.Token.write.approve([spender, amount]))
  }

  async function operatorId(): Promise<number> {
    const known = await read.OperatorStaking.read.operatorOf([node])
    if (known !== 0 && (await read.OperatorStaking.read.operator([known])).owner === owner) return known
    const { logs } = await run(
      'createOperator',
      write.OperatorStaking.write.createOperator([node, payee, contracts.MembershipRegistry]),
    )
    const [created] = parseEventLogs({ abi: abis.OperatorStaking, eventName: 'OperatorCreated', logs })
    return created!.args.id
  }

  async function addStake(id: number): Promise<void> {
    const { staked } = await read.OperatorStaking.read.operator([id])
    const missing = setUp.stake - staked
    if (missing <= 0n) return
    await approve(contracts.OperatorStaking, missing)
    await run('stake', write.OperatorStaking.write.stake([id, GENERAL_SERVICE, missing]))
  }

  async function register(id: number): Promise<void> {
    if (!setUp.membership) return
    const { commitment, rateLimit } = setUp.membership
    if ((await read.MembershipRegistry.read.member([commitment, owner])).state !== 0) return
    const [deposit, fee] = await read.MembershipRegistry.read.price([rateLimit])
    await approve(contracts.MembershipRegistry, deposit + fee)
    const args = [commitment, rateLimit, owner, id, deposit + fee] as const
    await run('register', write.MembershipRegistry.write.register(args))
  }

  async function fundNode(): Promise<void> {
    const missing = (setUp.nodeBalance ?? 0n) - (await publicClient.getBalance({ address: node }))
    if (missing > 0n) await run('fundNode', wallet.sendTransaction({ to: node, value: missing }))
  }

  try {
    const id = await operatorId()
    await addStake(id)
    await register(id)
    await fundNode()
    return { operatorId: id, steps }
  } catch (err) {
    throw err instanceof SetUpError ? err : chainError(err)
  }
}
