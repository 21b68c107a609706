import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { artifactUrls, loadArtifacts } from './artifacts.ts'
import { readNetworkKey, verificationKeyId } from './network-key.ts'
import type { VerificationKeyJson } from './verifying-key.ts'

let vkey: VerificationKeyJson
beforeAll(async () => {
  vkey = JSON.parse(await readFile(artifactUrls.vkey(), 'utf8')) as VerificationKeyJson
})

describe('the key of a network', () => {
  it('is the committed one under its id', async () => {
    const { key } = await loadArtifacts((url) => readFile(url))
    expect(key.id).toBe(verificationKeyId(vkey))
    expect(readNetworkKey(vkey, key.id.toUpperCase().replace('0X', '0x'))).toEqual(key)
  })

  it('has the same id whatever its file looks like', () => {
    const { IC, ...rest } = JSON.parse(
      JSON.stringify({ ...vkey, vk_alphabeta_12: [] }),
    ) as VerificationKeyJson
    expect(readNetworkKey({ IC, ...rest }).id).toBe(verificationKeyId(vkey))
  })

  it('has another id when any of its points is another', () => {
    const ids = [
      vkey,
      { ...vkey, vk_alpha_1: vkey.IC[0]! },
      { ...vkey, vk_beta_2: vkey.vk_delta_2 },
      { ...vkey, vk_gamma_2: vkey.vk_beta_2 },
      { ...vkey, vk_delta_2: vkey.vk_beta_2 },
      { ...vkey, IC: vkey.IC.toReversed() },
    ].map(verificationKeyId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'another id', change: {}, expected: `0x${'00'.repeat(32)}`, code: 'WRONG_KEY' },
    { given: 'γ = δ', change: { gamma: true }, code: 'BAD_VERIFYING_KEY' },
    { given: 'four public signals', change: { nPublic: 4 }, code: 'BAD_VERIFYING_KEY' },
    { given: 'a point off its curve', change: { vk_alpha_1: ['1', '3', '1'] }, code: 'BAD_POINT' },
    { given: 'no object', change: null, code: 'BAD_VERIFYING_KEY' },
  ])('$given: $code', ({ change, expected, code }) => {
    const equal = change && 'gamma' in change ? { vk_gamma_2: vkey.vk_delta_2 } : change
    const json = change === null ? null : { ...vkey, ...equal }
    expect(() => readNetworkKey(json, expected)).toThrow(expect.objectContaining({ code }) as Error)
  })
})
