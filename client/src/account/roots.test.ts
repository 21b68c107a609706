import { FIELD } from '@teahouse/protocol/rln'
import fc from 'fast-check'
import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { bytesToHex, numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { accountFromPhrase } from './account.ts'
import { rootsOf } from './roots.ts'

interface Vector {
  readonly phrase: string
  readonly persona: number
  readonly address: string
  readonly rlnCommitment: string
  readonly chatPublicKey: string
  readonly storageKey: string
  readonly backupKey: string
  readonly giftKey: string
}
const { accounts } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/account-roots.json', import.meta.url), 'utf8'),
) as { accounts: Vector[] }

const seeds = fc.uint8Array({ minLength: 64, maxLength: 64 })
const personas = fc.integer({ min: 0, max: 2 ** 31 - 1 })

describe('the roots of a phrase', () => {
  it.each(accounts)('stay the same: persona $persona of $phrase', ({ phrase, persona, ...expected }) => {
    const account = accountFromPhrase(phrase, { persona })
    expect({
      address: account.address,
      rlnCommitment: numberToHex(account.rln.commitment, { size: 32 }),
      chatPublicKey: bytesToHex(account.chat.publicKey),
      storageKey: bytesToHex(account.storageKey),
      backupKey: bytesToHex(account.backupKey),
      giftKey: bytesToHex(account.giftKey),
    }).toEqual(expected)
  })

  it('are those of another implementation of HKDF', () => {
    fc.assert(
      fc.property(seeds, personas, (seed, persona) => {
        const suffix = persona === 0 ? '' : `/${persona}`
        const derived = (name: string, bytes: number) =>
          new Uint8Array(hkdfSync('sha256', seed, '', `teahouse/${name}/1${suffix}`, bytes))
        const roots = rootsOf(seed, persona)
        expect(roots.chat).toEqual(derived('chat-identity', 32))
        expect(roots.storage).toEqual(derived('storage-key', 32))
        expect(roots.backup).toEqual(derived('backup-key', 32))
        expect(roots.gift).toEqual(derived('gift-key', 32))
        const wide = BigInt(bytesToHex(derived('rln-secret', 48)))
        expect(roots.rln).toBe((wide % (FIELD - 1n)) + 1n)
      }),
      { numRuns: 20 },
    )
  })

  it('have nothing in common, between each other and between personas', () => {
    fc.assert(
      fc.property(seeds, fc.uniqueArray(personas, { minLength: 2, maxLength: 3 }), (seed, numbers) => {
        const all = numbers.flatMap((persona) => {
          const { eth, rln, chat, storage, backup, gift } = rootsOf(seed, persona)
          return [
            eth.address,
            numberToHex(rln),
            ...[chat, storage, backup, gift].map((key) => bytesToHex(key)),
          ]
        })
        expect(new Set(all).size).toBe(all.length)
      }),
      { numRuns: 20 },
    )
  })

  it('give addresses to be paid at, as any wallet finds them, all different; the first is the account itself', () => {
    const account = accountFromPhrase('test test test test test test test test test test test junk')
    expect(account.receiving(0).address).toBe(account.address)
    expect(account.receiving(1).address).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
    expect(account.receiving(2).address).toBe('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
    for (const index of [-1, 0.5, 2 ** 31])
      expect(() => account.receiving(index)).toThrow(expect.objectContaining({ code: 'BAD_INDEX' }))
  })

  it('give an RLN secret in the field, not 0, with bits everywhere', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { rln } = rootsOf(seed, 0)
        expect(rln > 0n && rln < FIELD && rln > FIELD >> 100n).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})
