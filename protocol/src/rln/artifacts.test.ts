import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { artifactUrls, loadArtifacts } from './artifacts.ts'

describe('the artifacts', () => {
  it('are the ones of the lock file', async () => {
    const { wasm, zkey, vkey } = await loadArtifacts((url) => readFile(url))
    expect(new TextDecoder().decode(wasm.subarray(1, 4))).toBe('asm')
    expect(new TextDecoder().decode(zkey.subarray(0, 4))).toBe('zkey')
    expect(vkey.nPublic).toBe(5)
  })

  it.each(['wasm', 'zkey', 'vkey'] as const)('are refused when a byte of the %s differs', async (name) => {
    const read = async (url: URL) => {
      const bytes = new Uint8Array(await readFile(url))
      if (url.href === artifactUrls[name]().href) bytes[bytes.length - 1]! ^= 1
      return bytes
    }
    await expect(loadArtifacts(read)).rejects.toMatchObject({ code: 'BAD_ARTIFACT' })
  })

  it('pass on what reading them throws', async () => {
    const cause = new TypeError('offline')
    await expect(loadArtifacts(() => Promise.reject(cause))).rejects.toBe(cause)
  })
})
