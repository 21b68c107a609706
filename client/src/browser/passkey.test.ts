import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { accountFromPhrase } from '../account/account.ts'
import { fileKey, readAccountFile, sealAccount, writeAccountFile } from '../account/keystore/account-file.ts'
import { toBase64Url } from '../account/text.ts'
import { addPasskey, openWithPasskey } from './passkey.ts'

const account = accountFromPhrase('test test test test test test test test test test test junk')
const sealed = sealAccount(account, 'a passphrase', { n: 2 ** 10, r: 8, p: 1 })

/** A browser with an authenticator (WebAuthn level 3) that gives the last of the passkeys that it is asked for and has. */
function newBrowser() {
  const secrets = new Map<string, Uint8Array>()
  const random = () => crypto.getRandomValues(new Uint8Array(32))
  const given = (id: Uint8Array, salt: BufferSource) => ({
    rawId: id.slice().buffer,
    getClientExtensionResults: () => ({
      prf: {
        enabled: true,
        results: { first: hmac(sha256, secrets.get(toBase64Url(id))!, salt as Uint8Array) },
      },
    }),
  })
  return {
    secrets,
    credentials: {
      async create({ publicKey }: { publicKey: PublicKeyCredentialCreationOptions }) {
        const id = random()
        secrets.set(toBase64Url(id), random())
        return given(id, publicKey.extensions!.prf!.eval!.first)
      },
      async get({ publicKey }: { publicKey: PublicKeyCredentialRequestOptions }) {
        const ids = publicKey.allowCredentials!.map(({ id }) => id as Uint8Array)
        const id = ids.findLast((candidate) => secrets.has(toBase64Url(candidate)))
        if (!id) throw new DOMException('no such passkey', 'NotAllowedError')
        const { eval: one, evalByCredential: each } = publicKey.extensions!.prf!
        return given(id, (each?.[toBase64Url(id)] ?? one!).first)
      },
    },
  }
}

let browser: ReturnType<typeof newBrowser>
beforeEach(() => {
  browser = newBrowser()
  vi.stubGlobal('navigator', browser)
})
afterEach(() => vi.unstubAllGlobals())

async function fileWith(passkeys: number) {
  let file = await sealed
  const key = await fileKey(file, 'a passphrase')
  for (let count = 0; count < passkeys; count++) file = await addPasskey(file, key, 'Alice')
  return file
}

describe('the passkeys of an account file', () => {
  it('each open it, whichever of them is there', async () => {
    const file = readAccountFile(writeAccountFile(await fileWith(3)))
    const all = [...browser.secrets]
    for (const [id, secret] of all) {
      browser.secrets.clear()
      browser.secrets.set(id, secret)
      expect((await openWithPasskey(file)).address).toBe(account.address)
    }
    expect(all).toHaveLength(3)
  })

  it('are chosen from by the person, who has several at hand', async () => {
    expect((await openWithPasskey(await fileWith(2))).address).toBe(account.address)
  })
})

describe('when it must refuse', () => {
  it('one lock more than the file can have, before a passkey is made', async () => {
    const file = await fileWith(7)
    await expect(addPasskey(file, new Uint8Array(32), 'Alice')).rejects.toMatchObject({
      code: 'TOO_MANY_LOCKS',
    })
    expect(browser.secrets.size).toBe(7)
    expect(readAccountFile(writeAccountFile(file)).locks).toHaveLength(8)
  })

  it('a passkey that is not the one that was made', async () => {
    const file = await fileWith(1)
    for (const id of browser.secrets.keys()) browser.secrets.set(id, new Uint8Array(32))
    await expect(openWithPasskey(file)).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    browser.secrets.clear()
    await expect(openWithPasskey(file)).rejects.toMatchObject({ code: 'REFUSED' })
  })

  it('a file that has no passkey', async () => {
    await expect(openWithPasskey(await fileWith(0))).rejects.toMatchObject({ code: 'NO_SUCH_LOCK' })
  })
})
