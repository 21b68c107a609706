import { readFile } from 'node:fs/promises'
import { packClaim, type Claim } from '@teahouse/protocol/rln'
import { afterEach, describe, expect, it } from 'vitest'
import { startThread, type Thread } from './thread-handle.ts'

const read = async (path: string) =>
  JSON.parse(await readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8')) as unknown
const verificationKey = await read('circuits/artifacts/rln_20.vkey.json')
const [first] = (await read('test/vectors/rln20-proofs.json')) as [Record<string, string>]
const { proof, ...signals } = first
const claim = {
  proof: new Uint8Array(Buffer.from(proof!, 'hex')),
  ...Object.fromEntries(Object.entries(signals).map(([name, value]) => [name, BigInt(value)])),
} as Claim

let thread: Thread
afterEach(() => thread.stop())
const program = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`)

describe('a verifier thread', () => {
  it('verifies what it is sent, task after task', async () => {
    thread = startThread({ verificationKey, timeoutMs: 60_000 })
    const good = packClaim(claim)!
    const bad = packClaim({ ...claim, root: claim.root + 1n })!
    expect(await thread.run(new Uint8Array([...good, ...bad, ...good]))).toEqual([true, false, true])
    expect(await thread.run(Uint8Array.from(good))).toEqual([true])
  })
})

describe('when it dies', () => {
  it.each([
    { given: 'a key that is none', config: { verificationKey: {}, timeoutMs: 60_000 } },
    {
      given: 'a program that throws',
      config: { program: program('throw new Error("broken")'), timeoutMs: 60_000 },
    },
    { given: 'a program that ends', config: { program: program('process.exit(3)'), timeoutMs: 60_000 } },
    {
      given: 'a program that never answers',
      config: { program: program('setInterval(() => {}, 1000)'), timeoutMs: 300 },
    },
  ])('of $given, rejects with THREAD_LOST, and so ever after', async ({ config }) => {
    thread = startThread({ verificationKey, ...config })
    await expect(thread.run(new Uint8Array(288))).rejects.toMatchObject({ code: 'THREAD_LOST' })
    await expect(thread.run(new Uint8Array(288))).rejects.toMatchObject({ code: 'THREAD_LOST' })
  })
})
