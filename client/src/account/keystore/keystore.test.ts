import { identityFromSecret } from '@teahouse/protocol/rln'
import { randomBytes, scryptSync } from 'node:crypto'
import { getAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { accountFromPhrase, createAccount } from '../account.ts'
import { exportRlnKeystore, membershipHash, openRlnKeystore, readRlnKeystore } from './rln-keystore.ts'
import { exportWeb3Keystore, openWeb3Keystore, readWeb3Keystore } from './web3-keystore.ts'
import { scryptKey } from './kdf.ts'

const CHEAP = { n: 2 ** 10, r: 8, p: 1 }
const PASSPHRASE = 'correct horse 马 battery'

/** The test vectors of the Web3 Secret Storage Definition, version 3. */
const PUBLISHED = {
  passphrase: 'testpassword',
  key: '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
  scrypt: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
      ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
      kdf: 'scrypt',
      kdfparams: {
        dklen: 32,
        n: 262144,
        p: 8,
        r: 1,
        salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
      },
      mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
    },
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
  pbkdf2: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
      ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
      kdf: 'pbkdf2',
      kdfparams: {
        c: 262144,
        dklen: 32,
        prf: 'hmac-sha256',
        salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
      },
      mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
    },
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
} as const

describe('a web3 keystore', () => {
  it.each(['scrypt', 'pbkdf2'] as const)('is opened as the definition says, with %s', async (kdf) => {
    const keystore = readWeb3Keystore(JSON.stringify(PUBLISHED[kdf]))
    expect(await openWeb3Keystore(keystore, PUBLISHED.passphrase)).toBe(PUBLISHED.key)
  })

  it('takes the Ethereum key along and nothing else of the account', async () => {
    const account = createAccount()
    const text = await exportWeb3Keystore(account, PASSPHRASE, CHEAP)
    const key = await openWeb3Keystore(readWeb3Keystore(text), PASSPHRASE)
    expect(Buffer.from(account.eth.privateKey()).toString('hex')).toBe(key.slice(2))
    expect(text).not.toContain(key.slice(2))
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(['address', 'crypto', 'id', 'version'])
  })

  it('has the key of scrypt that another implementation gives', async () => {
    const [salt, passphrase] = [randomBytes(32), randomBytes(20)]
    const expected = scryptSync(passphrase, salt, 32, { N: 2 ** 12, r: 4, p: 2 })
    const key = await scryptKey(
      new Uint8Array(passphrase),
      new Uint8Array(salt),
      { n: 2 ** 12, r: 4, p: 2 },
      32,
    )
    expect(Buffer.from(key).equals(expected)).toBe(true)
  })
})

describe('an RLN keystore', () => {
  const contract = getAddress('0x8e1f3742b987d8ba376c0cbbd7357fe1f003ed71')
  const membership = { chainId: 0xaa36a7, contract, index: 8, rateLimit: 20 }

  it('names a credential as the specification does', () => {
    expect(membershipHash(membership)).toBe(
      '9DB2B4718A97485B9F70F68D1CC19F4E10F0B4CE943418838E94956CB8E57548',
    )
  })

  it('gives the identity back', async () => {
    const { rln } = createAccount()
    const text = await exportRlnKeystore(rln, membership, PASSPHRASE, 1000)
    const keystore = readRlnKeystore(text)
    expect(Object.keys(keystore.credentials)).toEqual([membershipHash(membership)])
    const opened = await openRlnKeystore(keystore, membershipHash(membership), PASSPHRASE)
    expect(opened).toEqual({ identity: rln, index: 8 })
  })

  it('holds a secret whose commitment is the Poseidon hash that the specification lists', () => {
    const secret = [
      150, 54, 194, 28, 18, 216, 138, 253, 95, 139, 120, 109, 98, 129, 146, 101, 41, 194, 36, 36, 96, 152,
      152, 89, 151, 160, 118, 15, 222, 124, 187, 4,
    ]
    const commitment = [
      112, 216, 27, 89, 188, 135, 203, 19, 168, 211, 117, 13, 231, 135, 229, 58, 94, 20, 246, 8, 33, 65, 238,
      37, 112, 97, 65, 241, 255, 93, 171, 15,
    ]
    const value = (bytes: number[]) => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
    expect(identityFromSecret(value(secret)).commitment).toBe(value(commitment))
  })

  it('refuses a credential that is moved to another name', async () => {
    const { rln } = createAccount()
    const text = await exportRlnKeystore(rln, membership, PASSPHRASE, 1000)
    const other = membershipHash({ ...membership, index: 9 })
    const moved = readRlnKeystore(text.replace(membershipHash(membership), other))
    await expect(openRlnKeystore(moved, other, PASSPHRASE)).rejects.toMatchObject({
      detail: { code: 'BAD_KEYSTORE', field: 'membershipContract' },
    })
    await expect(openRlnKeystore(moved, membershipHash(membership), PASSPHRASE)).rejects.toMatchObject({
      code: 'NO_CREDENTIAL',
    })
  })
})

describe('when it must refuse', () => {
  const { scrypt, pbkdf2 } = PUBLISHED
  const changed = (given: object, params: object) => {
    const { crypto } = given as typeof scrypt
    return JSON.stringify({ ...given, crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, ...params } } })
  }

  it('a wrong passphrase, and a ciphertext with one bit changed', async () => {
    const text = await exportWeb3Keystore(createAccount(), PASSPHRASE, CHEAP)
    const keystore = readWeb3Keystore(text)
    const wrong = { code: 'WRONG_PASSPHRASE' }
    await expect(openWeb3Keystore(keystore, `${PASSPHRASE} `)).rejects.toMatchObject(wrong)
    keystore.crypto.ciphertext[3]! ^= 1
    await expect(openWeb3Keystore(keystore, PASSPHRASE)).rejects.toMatchObject(wrong)
  })

  it.each([
    ['100 GB of memory', changed(scrypt, { n: 2 ** 26, r: 16 })],
    ['hours', changed(scrypt, { p: 2 ** 20 })],
    ['a count that is no power of two', changed(scrypt, { n: 262143 })],
    ['an absurd n', changed(scrypt, { n: 2 ** 31 })],
    ['billions of rounds', changed(pbkdf2, { c: 2 ** 31 })],
  ])('a file that asks for %s, at once', async (_, text) => {
    const started = performance.now()
    await expect(openWeb3Keystore(readWeb3Keystore(text), 'x')).rejects.toMatchObject({ code: 'TOO_COSTLY' })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it.each([
    ['no JSON', '{', 'it is no JSON'],
    ['another version', JSON.stringify({ ...scrypt, version: 4 }), 'field version'],
    ['a short key', changed(scrypt, { dklen: 16 }), 'field crypto.kdfparams.dklen'],
    ['another PRF', changed(pbkdf2, { prf: 'hmac-sha512' }), 'field crypto.kdfparams.prf'],
    ['a megabyte', `"${'a'.repeat(2 ** 20)}"`, 'it is too long'],
  ])('%s, and not repeat it', (_, text, field) => {
    const read = () => readWeb3Keystore(text)
    expect(read).toThrow(
      expect.objectContaining({ detail: { code: 'BAD_KEYSTORE', kind: 'web3 keystore', field } }),
    )
  })

  it('a key that is not that of the address', async () => {
    const text = await exportWeb3Keystore(createAccount(), PASSPHRASE, CHEAP)
    const other = accountFromPhrase('test test test test test test test test test test test junk')
    const forged = JSON.stringify({ ...JSON.parse(text), address: other.address })
    await expect(openWeb3Keystore(readWeb3Keystore(forged), PASSPHRASE)).rejects.toMatchObject({
      detail: { code: 'BAD_KEYSTORE', field: 'address' },
    })
  })

  it('an empty passphrase', async () => {
    await expect(exportWeb3Keystore(createAccount(), '', CHEAP)).rejects.toMatchObject({
      code: 'NO_PASSPHRASE',
    })
  })
})
