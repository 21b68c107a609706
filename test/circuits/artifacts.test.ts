import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FIELD } from '@teahouse/protocol/rln'
import { r1cs, type Terms } from 'snarkjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { artifactPaths, RLN, ROOT } from '../../scripts/circuits/circuit.ts'
import { type Compiled, compile, sha256, sourceHashes, toolVersions } from '../../scripts/circuits/compile.ts'
import { type Lock, readLock } from '../../scripts/circuits/lock.ts'
import { artifacts, memberAt, witnessOf } from './support/rln.ts'

let compiled: Compiled
let lock: Lock
beforeAll(async () => {
  compiled = await compile(RLN)
  lock = (await readLock())!
}, 120_000)

describe('the committed artifacts', () => {
  it('are what the sources compile to', async () => {
    expect(sha256(compiled.r1cs)).toBe(lock.artifacts.r1cs)
    expect(sha256(compiled.wasm)).toBe(lock.artifacts.wasm)
    expect(lock.sources).toEqual(await sourceHashes())
    expect(lock.tools).toEqual(await toolVersions())
  })

  it('are the files that the lock lists', async () => {
    const paths = { ...artifactPaths(RLN), verifier: RLN.verifier }
    for (const [name, path] of Object.entries(paths)) {
      expect(sha256(await readFile(join(ROOT, path))), path).toBe(lock.artifacts[name as keyof typeof paths])
    }
  })

  it('have a Solidity verifier of the same key', async () => {
    const source = await readFile(join(ROOT, RLN.verifier), 'utf8')
    const { vk_alpha_1: alpha, vk_delta_2: delta, IC } = artifacts.vkey
    for (const number of [
      ...alpha.slice(0, 2),
      ...delta.slice(0, 2).flat(),
      ...IC.flatMap((point) => point.slice(0, 2)),
    ]) {
      expect(source).toContain(number)
    }
  })
})

describe('the constraints', () => {
  it('fix every wire: none can be changed alone', { timeout: 120_000 }, async () => {
    const { constraints, nVars } = await r1cs.exportJson(compiled.r1cs)
    const { values } = await witnessOf(memberAt(5).input)
    expect(values).toHaveLength(nVars)
    const sum = (terms: Terms) =>
      Object.entries(terms).reduce(
        (total, [wire, factor]) => total + BigInt(factor) * values[Number(wire)]!,
        0n,
      )
    const factor = (terms: Terms, wire: string) => BigInt(terms[wire] ?? 0)
    const free = new Set(values.keys())
    free.delete(0) // the constant one
    for (const [a, b, c] of constraints) {
      const [left, right, product] = [sum(a), sum(b), sum(c)]
      expect((left * right - product) % FIELD).toBe(0n)
      for (const wire of new Set([a, b, c].flatMap((terms) => Object.keys(terms)))) {
        const moved = (left + factor(a, wire)) * (right + factor(b, wire)) - (product + factor(c, wire))
        if (moved % FIELD !== 0n) free.delete(Number(wire))
      }
    }
    expect([...free]).toEqual([])
  })
})
