import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { parseEther, type Hex, type LocalAccount } from 'viem'
import { contentTree, receiptId, signReceipt, type StorageReceipt } from '@teahouse/protocol/receipts'
import { blockAbove, contractsAs, mined, timeAfter, walletOf } from '../contracts-as.ts'
import type { StepLog } from '../report.ts'
import { setUpOperator } from '../set-up-operator.ts'
import { must, mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'
import type { People, Person } from './people.ts'

/** The provision that promises to store. */
const STORAGE_SERVICE = 1
const STAKE = tea('20')
const LIABILITY = tea('10')
const TERM_SECONDS = 120
const FILE_BYTES = 5_000
/** More than three answers cost. */
const BOND = parseEther('0.01')
/** IRetrievalCourt.Stage.Convicted */
const CONVICTED = 3

/** Dave's business: operator 4, for which no node runs. */
interface Keeper {
  readonly operator: number
  readonly node: LocalAccount
}

/** A signed promise, and what was promised. */
interface Promised {
  readonly receipt: StorageReceipt
  readonly signature: Hex
  readonly file: Uint8Array
}

/**
 * Part of step 6: Dave keeps a file for Alice and one for Bob, and both want to see a part of theirs. He shows Alice hers.
 * @returns Bob's receipt; its time to be answered runs.
 */
export async function keepFiles(
  log: StepLog,
  chain: LocalChain,
  { alice, bob, dave }: People,
): Promise<StorageReceipt> {
  const keeper = await openKeeper(log, chain, dave)
  const ofAlice = await promise(chain, keeper, alice, 0)
  const ofBob = await promise(chain, keeper, bob, 1)
  await challenge(log, chain, alice, ofAlice)
  await challenge(log, chain, bob, ofBob)
  await answer(log, chain, keeper, ofAlice)
  await draw(chain, ofBob.receipt)
  return ofBob.receipt
}

/** Part of step 8: Dave has shown Bob nothing in time. That costs what his receipt says; a tenth of it is Bob's reward. */
export async function convict(
  log: StepLog,
  chain: LocalChain,
  bob: Person,
  receipt: StorageReceipt,
): Promise<void> {
  const { Token, RetrievalCourt, OperatorStaking } = contractsAs(chain, bob.account.eth)
  const staked = async () =>
    (await OperatorStaking.read.provision([receipt.operator, STORAGE_SERVICE])).tokens
  const holds = () => Token.read.balanceOf([bob.account.address])
  const { deadline } = await RetrievalCourt.read.caseOf([receiptId(receipt)])
  const [before, had] = [await staked(), await holds()]
  await log.time('Dave was silent for too long: the court convicts him', async () => {
    await timeAfter(chain, deadline)
    return await mined(chain, RetrievalCourt.write.convict([receipt]))
  })
  const { stage, bond } = await RetrievalCourt.read.caseOf([receiptId(receipt)])
  mustEqual(stage, CONVICTED, "the state of Bob's case")
  mustEqual(bond, 0n, 'what the court keeps of his bond')
  mustEqual(before - (await staked()), LIABILITY, "what was taken of Dave's stake")
  const reward = (LIABILITY * BigInt(await RetrievalCourt.read.rewardBps())) / 10_000n
  mustEqual((await holds()) - had, reward, "Bob's reward")
}

async function openKeeper(log: StepLog, chain: LocalChain, dave: Person): Promise<Keeper> {
  const node = privateKeyToAccount(generatePrivateKey())
  const { operatorId } = await setUpOperator({
    wallet: walletOf(chain, dave.account.eth),
    publicClient: chain.client,
    contracts: chain.contracts,
    node: node.address,
    payee: dave.account.address,
    stake: 0n,
  })
  const { RetrievalCourt, OperatorStaking } = chain.contracts
  const asDave = contractsAs(chain, dave.account.eth)
  const accept = [operatorId, STORAGE_SERVICE, RetrievalCourt, true] as const
  await mined(chain, asDave.OperatorStaking.write.setAdjudicator(accept))
  await mined(chain, asDave.Token.write.approve([OperatorStaking, STAKE]))
  await log.time(`Dave, operator ${operatorId}, stakes for files that he will keep`, () =>
    mined(chain, asDave.OperatorStaking.write.stake([operatorId, STORAGE_SERVICE, STAKE])),
  )
  return { operator: operatorId, node }
}

/** The node key signs; the client checks that the promise has stake behind it. */
async function promise(
  chain: LocalChain,
  { operator, node }: Keeper,
  { name, account }: Person,
  slot: number,
): Promise<Promised> {
  const file = crypto.getRandomValues(new Uint8Array(FILE_BYTES))
  const { root, size } = contentTree(file)
  const from = Number((await chain.client.getBlock()).timestamp)
  const until = from + TERM_SECONDS
  const receipt = { operator, client: account.address, root, size, from, until, liability: LIABILITY, slot }
  const signature = await signReceipt(node, chain.contracts.RetrievalCourt, chain.chainId, receipt)
  must(await chain.at.RetrievalCourt.read.isCovered([receipt]), `${name}'s receipt is covered by stake`)
  return { receipt, signature, file }
}

async function challenge(
  log: StepLog,
  chain: LocalChain,
  { name, account }: Person,
  { receipt, signature }: Promised,
): Promise<void> {
  const { RetrievalCourt } = contractsAs(chain, account.eth)
  await log.time(`${name} asks for a part of a file, before the court`, () =>
    mined(chain, RetrievalCourt.write.challenge([receipt, signature], { value: BOND })),
  )
}

/** Lets a block draw the leaf; anyone may. */
async function draw(chain: LocalChain, receipt: StorageReceipt): Promise<number> {
  const { read } = chain.at.RetrievalCourt
  const { drawBlock } = await read.caseOf([receiptId(receipt)])
  await blockAbove(chain, drawBlock)
  await mined(chain, chain.at.RetrievalCourt.write.draw([receipt]))
  return Number((await read.caseOf([receiptId(receipt)])).index)
}

/** Dave shows the leaf that was drawn, and earns the bond. */
async function answer(
  log: StepLog,
  chain: LocalChain,
  keeper: Keeper,
  { receipt, file }: Promised,
): Promise<void> {
  const coins = () => chain.client.getBalance({ address: keeper.node.address })
  const before = await coins()
  const { leaf, path } = contentTree(file).answer(await draw(chain, receipt))
  await log.time('Dave shows Alice the part that was drawn, with its path', () =>
    mined(chain, chain.at.RetrievalCourt.write.answer([receipt, leaf, path])),
  )
  mustEqual((await coins()) - before, BOND, 'what the answer earned')
}
