import { readFile } from 'node:fs/promises'
import { bytesToHex, numberToHex, type Hex } from 'viem'
import {
  claimKey,
  createGateProver,
  envelopeId,
  groupOf,
  isShareOf,
  loadSemaphore,
  memberOf,
  sharesOf,
  shareTree,
  signClaim,
  splitRandomly,
  type Share,
  type Terms,
} from '@teahouse/protocol/envelopes'
import { contractsAs, mined, timeAfter } from '../contracts-as.ts'
import type { Mined, StepLog } from '../report.ts'
import { must, mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'
import type { People, Person } from './people.ts'

const GIFT = tea('3')
const CENT = tea('0.01')
const SHARES = 6
const GATED_GIFT = tea('1')
/** By the chain's clock; then what is left goes back. */
const OPEN_SECONDS = 20
/** Time for a proof, on whatever machine. */
const GATED_OPEN_SECONDS = 3_600
const KEY_BYTES = 32

/**
 * Part of step 7: Alice gives six random shares; five people take theirs.
 * @returns the terms; the sixth share is still in the envelope.
 */
export async function giveEnvelope(
  log: StepLog,
  chain: LocalChain,
  { alice, ...guests }: People,
): Promise<Terms> {
  const secret = randomWord()
  const amounts = splitRandomly(GIFT / CENT, SHARES).map((cents) => cents * CENT)
  const shares = sharesOf(amounts, secret)
  const tree = shareTree(shares)
  const held = { amount: GIFT, shares: SHARES, gated: false, root: tree.root }
  const terms = await termsOf(chain, alice, held, OPEN_SECONDS)
  await create(log, chain, alice, terms, 'Alice puts six shares into a red envelope')
  for (const [index, guest] of Object.values<Person>(guests).entries()) {
    const key = claimKey(secret, index)
    await claim(log, chain, guest, { terms, share: shares[index]!, path: tree.path(index), key })
  }
  return terms
}

/** Part of step 7: Alice gives to the first of a group who comes; Carol proves that she is one, and Bob sends it for her. */
export async function giveToGroup(
  log: StepLog,
  chain: LocalChain,
  { alice, bob, carol }: People,
): Promise<void> {
  const members = ['Bob', 'Carol', 'somebody else'].map(() => memberOf(randomWord()))
  const [, member] = members as [unknown, (typeof members)[number]]
  const group = groupOf(members.map(({ commitment }) => commitment))
  const root = numberToHex(group.root, { size: 32 })
  const held = { amount: GATED_GIFT, shares: 1, gated: true, root }
  const terms = await termsOf(chain, alice, held, GATED_OPEN_SECONDS)
  await create(log, chain, alice, terms, 'Alice gives another, to whoever of a group is first')
  const recipient = carol.account.address
  const { nullifier, points } = await log.time('Carol proves that she is of the group, not who', async () => {
    const prove = await createGateProver(await loadSemaphore((url) => readFile(url)))
    const envelope = envelopeId(chain.contracts.RedEnvelope, chain.chainId, terms)
    return prove({ member, group, envelope, recipient })
  })
  const { RedEnvelope } = contractsAs(chain, bob.account.eth)
  await log.time('Bob sends her claim for her', () =>
    mustMove(chain, carol, GATED_GIFT, () =>
      mined(chain, RedEnvelope.write.claimGatedShare([terms, recipient, nullifier, points])),
    ),
  )
}

/** Part of step 8: from the expiry on, what nobody has claimed goes back to Alice. */
export async function takeBack(log: StepLog, chain: LocalChain, alice: Person, terms: Terms): Promise<void> {
  const { RedEnvelope } = contractsAs(chain, alice.account.eth)
  const id = envelopeId(chain.contracts.RedEnvelope, chain.chainId, terms)
  const { left } = await RedEnvelope.read.envelope([id])
  must(left > 0n, 'one share is still in the envelope')
  await log.time('nobody took the sixth share: it goes back to Alice', async () => {
    await timeAfter(chain, terms.expiry)
    return await mustMove(chain, alice, left, () => mined(chain, RedEnvelope.write.refund([terms])))
  })
}

async function termsOf(
  chain: LocalChain,
  { account }: Person,
  held: Pick<Terms, 'amount' | 'shares' | 'gated' | 'root'>,
  openSeconds: number,
): Promise<Terms> {
  const expiry = Number((await chain.client.getBlock()).timestamp) + openSeconds
  return { creator: account.address, expiry, salt: bytesToHex(randomWord()), ...held }
}

async function create(
  log: StepLog,
  chain: LocalChain,
  creator: Person,
  terms: Terms,
  what: string,
): Promise<void> {
  const { Token, RedEnvelope } = contractsAs(chain, creator.account.eth)
  await mined(chain, Token.write.approve([RedEnvelope.address, terms.amount]))
  await log.time(what, () =>
    mustMove(chain, creator, -terms.amount, () => mined(chain, RedEnvelope.write.create([terms]))),
  )
}

/** What a guest gets from the giver, sealed: the terms, and one share with its path and claim key. */
interface Invitation {
  readonly terms: Terms
  readonly share: Share
  readonly path: readonly Hex[]
  readonly key: Hex
}

async function claim(
  log: StepLog,
  chain: LocalChain,
  { name, account }: Person,
  { terms, share, path, key }: Invitation,
): Promise<void> {
  const { RedEnvelope } = contractsAs(chain, account.eth)
  must(isShareOf(terms.root, share, path), `${name}'s share is one of the envelope`)
  const id = envelopeId(RedEnvelope.address, chain.chainId, terms)
  const signature = await signClaim(key, RedEnvelope.address, chain.chainId, id, account.address)
  await log.time(`${name} takes a share`, () =>
    mustMove(chain, { name, account }, share.amount, () =>
      mined(chain, RedEnvelope.write.claimShare([terms, share, path, account.address, signature])),
    ),
  )
}

/** Does `act`. @throws StartError unless exactly `amount` went from the envelopes to `person` (below 0: the other way). */
async function mustMove(
  { at, contracts }: LocalChain,
  { name, account }: Pick<Person, 'name' | 'account'>,
  amount: bigint,
  act: () => Promise<Mined>,
): Promise<Mined> {
  const holdings = () =>
    Promise.all([account.address, contracts.RedEnvelope].map((holder) => at.Token.read.balanceOf([holder])))
  const [had, held] = (await holdings()) as [bigint, bigint]
  const done = await act()
  const [has, holds] = (await holdings()) as [bigint, bigint]
  mustEqual(has - had, amount, `what ${name} has more`)
  mustEqual(held - holds, amount, 'what the envelopes hold less')
  return done
}

function randomWord(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES))
}
