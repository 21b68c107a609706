import { exportRlnKeystore, exportWeb3Keystore, MembershipError } from '@teahouse/client'
import { Option, type Command } from 'commander'
import { action, leaf } from '../command.ts'
import { newPassphrase } from '../passphrase.ts'
import { say } from '../texts/say.ts'
import type { CommonOptions, Session, World } from '../session.ts'

type Format = 'web3' | 'rln'

/** Keys of an account for other programs. */
export function keyCommands(account: Command, world: World): void {
  leaf(account, {
    name: 'export-key',
    does: 'print one key of the account as an encrypted keystore that other programs read',
    examples: [
      ['account export-key --format web3', 'the Ethereum key (Web3 Secret Storage, version 3)'],
      ['account export-key --format rln', "the membership (Waku's RLN keystore)"],
    ],
  })
    .addOption(new Option('--format <format>', 'whose').choices(['web3', 'rln']).makeOptionMandatory())
    .action(action<CommonOptions & { format: Format }>(world, exportKey))
}

async function exportKey(
  session: Session,
  _: readonly unknown[],
  { format }: { format: Format },
): Promise<void> {
  const account = await session.account()
  const membership = format === 'rln' ? await membershipOf(session) : undefined
  const passphrase = await newPassphrase(session.world, say`the keystore`)
  const text = membership
    ? await exportRlnKeystore(account.rln, membership, passphrase)
    : await exportWeb3Keystore(account, passphrase, session.world.scryptCost)
  session.output.result({ format, keystore: JSON.parse(text) as unknown }, [text])
}

/** Throws MembershipError NOT_A_MEMBER. */
async function membershipOf(session: Session) {
  const { chainId, contracts } = await session.network()
  const { index, rateLimit } = await session.withClient(({ membership }) => membership.status())
  if (index === undefined || rateLimit === undefined) {
    throw new MembershipError('This account has no membership to export', { code: 'NOT_A_MEMBER' })
  }
  return { chainId, contract: contracts.MembershipRegistry, index, rateLimit }
}
