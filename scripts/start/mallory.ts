import { readFile } from 'node:fs/promises'
import { proveMessage, draftMessage } from '@teahouse/client'
import { membershipChange, readMembershipParams } from '@teahouse/protocol/chain'
import {
  createProver,
  epochAt,
  membershipLedger,
  rlnIdentifier,
  type MembershipLedger,
} from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { must } from './start-error.ts'
import type { LocalChain } from './steps/chain.ts'
import type { Person } from './steps/people.ts'

/** A client that has been tampered with: it uses any message id it likes, and does not notice that it was slashed. */
export async function tamperedClient(chain: LocalChain, { account, name }: Person) {
  const params = await readMembershipParams(chain.at.MembershipRegistry)
  const ledger = await ledgerOf(chain, params)
  const member = ledger.membersOf(account.rln.commitment).find(({ active }) => active)
  must(member !== undefined, `${name} has a membership`)
  const prover = createProver(await loadArtifacts((url) => readFile(url)))
  const identifier = rlnIdentifier(chain.chainId, chain.contracts.MembershipRegistry)

  return {
    epoch: () => epochAt(Date.now() / 1_000, params.epochSeconds),
    /** A message that is proved under the members as they were when this client was made. */
    async prove(
      text: string,
      contentTopic: string,
      slot: { epoch: bigint; messageId: number },
    ): Promise<WakuMessage> {
      const payload = new TextEncoder().encode(text)
      const draft = draftMessage({ contentTopic, payload }, BigInt(Date.now()) * 1_000_000n)
      return proveMessage(draft, { prover, secret: account.rln.secret, member, ledger, identifier, ...slot })
    },
    stop: () => prover.stop(),
  }
}

async function ledgerOf(
  chain: LocalChain,
  { grace, rootWindow }: { grace: number; rootWindow: number },
): Promise<MembershipLedger> {
  const ledger = membershipLedger({ graceSeconds: grace, rootWindowSeconds: rootWindow })
  const logs = await chain.client.getLogs({ address: chain.contracts.MembershipRegistry, fromBlock: 0n })
  for (const log of logs) {
    const change = membershipChange(log)
    if (!change) continue
    const { number, timestamp } = await chain.client.getBlock({ blockNumber: log.blockNumber })
    ledger.apply(change, { number, timestamp: Number(timestamp) })
  }
  return ledger
}
