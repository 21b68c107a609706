import { createAccount, fileKey, readAccountFile, sealAccount, writeAccountFile } from '@teahouse/client'
import { addPasskey, openWithPasskey } from '@teahouse/client/browser'

const CHEAP = { n: 2 ** 10, r: 8, p: 1 }

/** Seals an account, gives its file a passkey, and opens what was written with the passkey alone. */
export async function unlockByPasskey() {
  const account = createAccount()
  const file = await sealAccount(account, 'a passphrase', CHEAP)
  const text = writeAccountFile(await addPasskey(file, await fileKey(file, 'a passphrase'), 'Alice'))
  const locks = readAccountFile(text).locks.map(({ kind }) => kind)
  const opened = await openWithPasskey(readAccountFile(text))
  return { text, locks, isSame: opened.phrase === account.phrase }
}

/** What opening a file by its passkey ends with: `opened`, or an error's code. */
export const tryPasskey = (text: string): Promise<string> =>
  openWithPasskey(readAccountFile(text)).then(
    () => 'opened',
    (error: { code: string }) => error.code,
  )
