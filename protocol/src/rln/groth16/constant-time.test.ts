import binaryen from 'binaryen'
import { beforeAll, describe, expect, it } from 'vitest'
import { FIELD, fromLittleEndian, mod, toLittleEndian } from '../field.ts'
import { AFFINE, type Engine, engineOn, type Group, SCALAR } from './engine.ts'
import { WASM } from './generated/wasm.ts'
import { pointGroup } from './group.ts'
import { drawMask, maskedSum } from './masking.ts'

/**
 * What the module did: which functions and loops ran, and which addresses were read and written, in order. Whole blocks that
 * are copied or filled do not show; none of them has a place that depends on a scalar.
 */
interface Trace {
  readonly events: number
  readonly hash: number
}

let engine: Engine
let trace = { events: 0, hash: 0 }

/** The shipped module, with every step of control flow and every address reported. */
beforeAll(async () => {
  const module = binaryen.readBinary(Uint8Array.from(Buffer.from(WASM, 'base64')))
  module.setFeatures(binaryen.Features.All)
  module.runPasses(['log-execution', 'instrument-memory'])
  const compiled = await WebAssembly.compile(Uint8Array.from(module.emitBinary()))
  const note = (kind: number, id: number, value: number) => {
    trace.events++
    for (const part of [kind, id, value]) trace.hash = Math.imul(trace.hash ^ part, 0x01000193) >>> 0
  }
  const report: Record<string, (...values: number[]) => unknown> = {
    log_execution: (id) => note(1, id, 0),
    load_ptr: (id, _bytes, offset, address) => (note(2, id, address + offset), address),
    store_ptr: (id, _bytes, offset, address) => (note(3, id, address + offset), address),
  }
  const env = Object.fromEntries(
    WebAssembly.Module.imports(compiled).map(({ name }) => [name, report[name] ?? passOn]),
  )
  engine = engineOn(await WebAssembly.instantiate(compiled, { env }))
})

/** The other hooks are given a value and must return it. */
const passOn = (_id: number, value: unknown) => value

function traced(task: () => void): Trace {
  trace = { events: 0, hash: 0x811c9dc5 }
  engine.scoped(task)
  return { ...trace }
}

/** Edges and values without structure. */
const SCALARS = [
  ...[0n, 1n, 15n, 16n, FIELD - 1n, 2n ** 253n, 2n ** 128n - 1n],
  ...[3n, 5n, 7n].map((base) => mod(base ** 301n)),
]
const bytesOf = (scalars: readonly bigint[]) =>
  Uint8Array.from(scalars.flatMap((scalar) => [...toLittleEndian(mod(scalar))]))

/** Generators of both groups: coordinates, of G2 c0 before c1. */
const GENERATOR = {
  g1: [1n, 2n],
  g2: [
    10857046999023057135944570762232829481370756359578518086990519993285655852781n,
    11559732032986387107991004021392285783925812861821192530917403151452391805634n,
    8495653923123431417604973247489272438418190587263600148770280649306958101930n,
    4082367875863433681332203403145435568316851327593401208105741076214120093531n,
  ],
} as const

describe.each(['g1', 'g2'] as const)('multiplySecret in %s', (name: Group) => {
  const multiply = (scalar: bigint, quick = false) => {
    const group = pointGroup(engine, name)
    const point = group.decode(bytesOf(GENERATOR[name]))
    return traced(() => {
      const [at, factor] = [engine.put(point), engine.put(bytesOf([scalar]))]
      const [fast, secret] =
        name === 'g1'
          ? [engine.multiplyG1, engine.multiplySecretG1]
          : [engine.multiplyG2, engine.multiplySecretG2]
      ;(quick ? fast : secret)(at, at, factor)
    })
  }

  // 0 alone ends otherwise, in infinity.
  it('does the same on the same addresses, whatever the scalar is', () => {
    const traces = SCALARS.filter((scalar) => scalar !== 0n).map((scalar) => multiply(scalar))
    expect(traces[0]!.events).toBeGreaterThan(100_000)
    for (const other of traces) expect(other).toEqual(traces[0])
  })

  it('differs from the quick one, whose trace tells scalars apart', () => {
    const traces = SCALARS.map((scalar) => multiply(scalar, true).hash)
    expect(new Set(traces).size).toBeGreaterThan(SCALARS.length / 2)
  })
})

describe('scalars', () => {
  it.each([
    ['products', (a: number, b: number, n: number) => engine.multiplyEach(a, a, b, n)],
    ['differences', (a: number, b: number, n: number) => engine.subtractEach(a, a, b, n)],
  ])('have %s that do the same on the same addresses', (_, operate) => {
    const traces = SCALARS.map((scalar) => {
      const values = bytesOf([scalar, FIELD - scalar, scalar * scalar, 1n])
      return traced(() => {
        const [a, b] = [engine.take(4 * SCALAR), engine.take(4 * SCALAR)]
        engine.decodeScalars(a, engine.put(values), 4, 0)
        engine.decodeScalars(b, engine.put(values), 4, 0)
        operate(a, b, 4)
      })
    })
    for (const other of traces) expect(other).toEqual(traces[0])
  })
})

describe('a sum with secret scalars', () => {
  const COUNT = 64
  const group = () => pointGroup(engine, 'g1')

  /** COUNT times the generator. */
  function terms() {
    const points = engine.take(AFFINE.g1 * COUNT)
    const generators = Array.from({ length: COUNT }, () => GENERATOR.g1).flat()
    engine.decodeCoordinates(points, engine.put(bytesOf(generators)), COUNT * 2, 0)
    return { points, count: COUNT }
  }

  function put(scalars: readonly bigint[]): number {
    const at = engine.take(scalars.length * SCALAR)
    engine.decodeScalars(at, engine.put(bytesOf(scalars)), scalars.length, 0)
    return at
  }

  /** What the module's own sums work on in two sums of these secret scalars behind one mask, and for the mask itself. */
  function seen(secrets: readonly bigint[]): bigint[] {
    const given: bigint[] = []
    const spying: Engine = {
      ...engine,
      sumOfMultiplesG1(out, points, plain, count) {
        const bytes = engine.read(plain, count * 32)
        for (let at = 0; at < count; at++) given.push(fromLittleEndian(bytes.subarray(at * 32, at * 32 + 32)))
        engine.sumOfMultiplesG1(out, points, plain, count)
      },
    }
    traced(() => {
      const [over, scalars] = [terms(), put(secrets)]
      const mask = drawMask(spying, 'g1', over)
      for (let round = 0; round < 2; round++) maskedSum(spying, 'g1', over, scalars, mask)
    })
    return given
  }

  it.each([0n, 1n, FIELD - 1n])('never works on them (%d), nor twice on the same', (secret) => {
    const given = seen(Array<bigint>(COUNT).fill(secret))
    expect(given).toHaveLength(3 * COUNT)
    expect(new Set(given).size).toBe(given.length)
    expect(given.every((scalar) => scalar < FIELD)).toBe(true)
    // Half of them in the upper half of the field, give or take eight standard deviations.
    const upper = given.filter((scalar) => scalar > FIELD / 2n).length
    expect(Math.abs(upper - given.length / 2)).toBeLessThan(4 * Math.sqrt(given.length))
  })

  it('comes to what it should, each time', () => {
    const secrets = Array.from({ length: COUNT }, (_, at) => mod(BigInt(at + 2) ** 77n))
    const total = secrets.reduce((sum, secret) => mod(sum + secret), 0n)
    traced(() => {
      const [over, scalars] = [terms(), put(secrets)]
      const mask = drawMask(engine, 'g1', over)
      const expected = group().encode(group().multiply(group().decode(bytesOf(GENERATOR.g1)), total))
      for (let round = 0; round < 3; round++) {
        expect(group().encode(maskedSum(engine, 'g1', over, scalars, mask))).toEqual(expected)
      }
    })
  })
})
