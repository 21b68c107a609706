import {
  createWalletClient,
  custom,
  getAddress,
  isAddressEqual,
  parseSignature,
  recoverTypedDataAddress,
  serializeSignature,
} from 'viem'
import type { Address, EIP1193Provider, Hex, TypedDataDefinition } from 'viem'
import { isSignature } from './hex.ts'
import { DealError } from './terms.ts'

/** Somebody who signs typed data with a key that only they hold. A viem account is one. */
export interface DealSigner {
  readonly address: Address
  signTypedData(typed: TypedDataDefinition): Promise<Hex>
}

/** A wallet as pages know it: EIP-1193. */
export type WalletProvider = Pick<EIP1193Provider, 'request'>

/**
 * The person behind a wallet: each signature is asked for there, the key stays where it is. `address` picks one of the wallet's accounts, else the first
 * one is taken. Accounts that are contracts (ERC-1271) can act on chain themselves, but nothing that they sign is taken here.
 * @throws DealError NOT_SIGNED if the wallet shows no such account.
 */
export async function dealSigner(provider: WalletProvider, address?: Address): Promise<DealSigner> {
  const wallet = createWalletClient({ transport: custom(provider, { retryCount: 0 }) })
  const accounts = await asked('show its accounts', () => wallet.requestAddresses())
  const account = address ? accounts.find((one) => isAddressEqual(one, address)) : accounts[0]
  if (!account) throw notSigned(`the wallet does not show ${address ?? 'an account'}`)
  return {
    address: getAddress(account),
    signTypedData: (typed) => asked('sign', () => wallet.signTypedData({ ...typed, account })),
  }
}

/** Has somebody sign, and looks whether they did; some wallets write v as 0 or 1. Throws DealError NOT_SIGNED. */
export async function signedBy(signer: DealSigner, typed: TypedDataDefinition): Promise<Hex> {
  const signature = await asked('sign', async () =>
    serializeSignature(parseSignature(await signer.signTypedData(typed))),
  )
  if (await isSignedBy(signer.address, typed, signature)) return signature
  throw notSigned(`the signature is not one of ${signer.address}`)
}

/** True if an account with a key signed exactly this, in the form that contracts take. */
export async function isSignedBy(
  address: Address,
  typed: TypedDataDefinition,
  signature: Hex,
): Promise<boolean> {
  if (!isSignature(signature)) return false
  const signer = await recoverTypedDataAddress({ ...typed, signature }).catch(() => undefined)
  return signer !== undefined && isAddressEqual(signer, address)
}

async function asked<T>(what: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    if (cause instanceof DealError) throw cause
    throw notSigned(`the wallet would not ${what}`, cause)
  }
}

export function notSigned(why: string, cause?: unknown): DealError {
  return new DealError(`Nothing was signed: ${why}`, { code: 'NOT_SIGNED', why }, { cause })
}
