import {
  accountFromPhrase,
  createAccount,
  openAccountFile,
  readAccountFile,
  readInvitation,
  sealAccount,
  writeAccountFile,
  type Account,
  type Chat,
  type Client,
} from '@teahouse/client'
import { browserClient } from '@teahouse/client/browser'
import { LocalNetwork } from '@teahouse/protocol/chain'

const FILE = 'teahouse-account'
const INVITER = 'teahouse-inviter'
/** scrypt's cost for a page: a quarter of a second, 32 MiB. */
const COST = { n: 2 ** 15, r: 8, p: 1 }

/** Whether this browser has an account already. */
export const isKnown = (): boolean => localStorage.getItem(FILE) !== null

/** A new account, made here and without a network, or the one of a phrase. What is stored is sealed with the passphrase. Throws AccountError. */
export async function makeAccount(passphrase: string, phrase: string): Promise<Account> {
  const account = phrase === '' ? createAccount() : accountFromPhrase(phrase)
  localStorage.setItem(FILE, writeAccountFile(await sealAccount(account, passphrase, COST)))
  return account
}

/** Throws KeystoreError WRONG_PASSPHRASE. */
export function unlockAccount(passphrase: string): Promise<Account> {
  return openAccountFile(readAccountFile(localStorage.getItem(FILE)!), passphrase)
}

/** A client of the network that serves this page; throws CallError, NetError, and others of the SDK. */
export async function openClient(account: Account): Promise<Client> {
  const network = LocalNetwork.parse(await (await fetch('/network.json')).json())
  return browserClient({ network, account })
}

/** Takes the membership that an invitation brings: it needs neither coins nor tokens. Throws ContactError, GiftError. */
export async function takeInvitation(client: Client, text: string): Promise<void> {
  const invitation = readInvitation(text)
  const { state } = await client.membership.status()
  if (state !== 'active' && invitation.gift) await client.gifts.claim(invitation.gift)
  localStorage.setItem(INVITER, text)
}

/** The name of whom to talk to: somebody whom the account knows, or else who invited it. */
export async function partner({ contacts }: Chat): Promise<string> {
  const [first] = contacts.list()
  if (first) return first.name
  const invitation = localStorage.getItem(INVITER)
  if (invitation === null) throw new Error('This account knows nobody: take an invitation')
  const { name } = readInvitation(invitation).card
  return (await contacts.add(invitation, { name })).name
}
