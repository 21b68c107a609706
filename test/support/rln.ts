import { readFile } from 'node:fs/promises'
import { membershipChange } from '@teahouse/protocol/chain'
import {
  createProver,
  encodeRateLimitProof,
  epochAt,
  epochBytes,
  externalNullifier,
  membershipLedger,
  messageX,
  rlnIdentifier,
  type Identity,
  type MembershipLedger,
  type Prover,
} from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { newIdentity } from '@teahouse/nodes'
import { mined, newWallet, TEA, type TestChain, type TestWallet } from './chain.ts'

/** Seconds of an epoch on the local network. */
export const EPOCH_SECONDS = 60

export interface TestMember extends TestWallet {
  readonly identity: Identity
  readonly rateLimit: number
}

/** Registers a new member with an account of its own. */
export async function newMember(chain: TestChain, rateLimit: number): Promise<TestMember> {
  const identity = newIdentity()
  const wallet = await newWallet(chain, 100n * TEA)
  const args = [identity.commitment, rateLimit, wallet.account.address, 0, 100n * TEA] as const
  await mined(chain, wallet.at.MembershipRegistry.write.register(args))
  return { ...wallet, identity, rateLimit }
}

/** The membership ledger as the chain tells it now. */
export async function readLedger(chain: TestChain): Promise<MembershipLedger> {
  const { MembershipRegistry: address } = chain.contracts
  const ledger = membershipLedger({ graceSeconds: 600, rootWindowSeconds: 60 })
  for (const log of await chain.client.getLogs({ address, fromBlock: 0n })) {
    const change = membershipChange(log)
    const { timestamp, number } = await chain.client.getBlock({ blockNumber: log.blockNumber })
    if (change) ledger.apply(change, { number, timestamp: Number(timestamp) })
  }
  return ledger
}

/** Makes proofs in the test's own process; `stop()` it, or the process does not end. */
export async function testProver(): Promise<Prover> {
  return createProver(await loadArtifacts((url) => readFile(url)))
}

export interface ProveOptions {
  readonly messageId: number
  /** The present one without it. */
  readonly epoch?: bigint
  /** The ledger to prove under; the chain's present one without it. */
  readonly ledger?: MembershipLedger
}

/** The epoch that the clock is in. */
export function epochNow(): bigint {
  return epochAt(Math.floor(Date.now() / 1_000), EPOCH_SECONDS)
}

/** A message that was written now, or `aheadMs` from now, without a proof. */
export function newMessage(contentTopic: string, text: string, aheadMs = 0): WakuMessage {
  const timestamp = BigInt(Date.now() + aheadMs) * 1_000_000n
  return { payload: new TextEncoder().encode(text), contentTopic, timestamp }
}

/** The message with a proof of `member`. */
export async function prove(
  chain: TestChain,
  prover: Prover,
  member: Pick<TestMember, 'identity' | 'rateLimit'>,
  message: WakuMessage,
  { messageId, epoch = epochNow(), ledger }: ProveOptions,
): Promise<WakuMessage> {
  const members = ledger ?? (await readLedger(chain))
  const { index } = members.membersOf(member.identity.commitment)[0]!
  const identifier = rlnIdentifier(chain.chainId, chain.contracts.MembershipRegistry)
  const bytes = epochBytes(epoch)
  const proof = await prover.prove({
    secret: member.identity.secret,
    rateLimit: member.rateLimit,
    messageId,
    path: members.path(index),
    x: messageX(message),
    externalNullifier: externalNullifier(bytes, identifier),
  })
  return { ...message, rateLimitProof: encodeRateLimitProof(proof, bytes, identifier) }
}

/** Waits, if need be, until an epoch has at least `seconds` left, so that what follows happens within it. */
export async function withinOneEpoch(seconds: number): Promise<void> {
  const left = EPOCH_SECONDS - ((Date.now() / 1_000) % EPOCH_SECONDS)
  if (left < seconds) await new Promise((resolve) => setTimeout(resolve, left * 1_000 + 100))
}
