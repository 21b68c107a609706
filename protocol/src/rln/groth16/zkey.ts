import { ProofError } from '../errors.ts'
import { FIELD } from '../field.ts'
import { type Address, AFFINE, type Engine, type Group, SCALAR } from './engine.ts'

/** Points that are summed up with some signals as factors; those at infinity are left out. */
export interface Query {
  readonly group: Group
  /** Affine points, one after the other. */
  readonly points: Address
  /** The signal of each point, ascending. */
  readonly signals: Uint32Array
}

/** A Groth16 proving key in the engine's memory, where it stays. */
export interface ProvingKey {
  readonly signalCount: number
  readonly publicCount: number
  /** Size of the domain, a power of two. */
  readonly domain: number
  readonly alpha: Address
  readonly beta1: Address
  readonly beta2: Address
  readonly delta1: Address
  readonly delta2: Address
  readonly queries: { readonly a: Query; readonly b1: Query; readonly b2: Query; readonly c: Query }
  /** The points for the quotient's values on the odd coset. */
  readonly h: Address
  /** Entries for `addRows`. */
  readonly rows: { readonly at: Address; readonly count: number }
}

const SECTION = { header: 2, rows: 4, a: 5, b1: 6, b2: 7, c: 8, h: 9 } as const
const BYTES = { g1: 64, g2: 128 } as const
const ROW_BYTES = 44
const ENTRY_BYTES = 12 + SCALAR
const COORDINATES = { g1: 2, g2: 4 } as const
const BASE_FIELD = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n

/**
 * Reads snarkjs' zkey of a Groth16 key on BN254 into the engine. The file's hash was checked before: this checks its
 * shape only. Throws ProofError PROVING_FAILED.
 */
export function readProvingKey(engine: Engine, zkey: Uint8Array): ProvingKey {
  const sections = readSections(zkey)
  const header = reader(section(sections, SECTION.header))
  for (const prime of [BASE_FIELD, FIELD]) {
    if (header.u32() !== 32 || header.number(32) !== prime) throw bad('it is of another curve')
  }
  const [signalCount, publicCount, domain] = [header.u32(), header.u32(), header.u32()]
  if ((domain & (domain - 1)) !== 0 || publicCount >= signalCount) throw bad('its sizes are wrong')
  const point = (group: Group) => decodePoints(engine, group, header.bytes(BYTES[group]))
  const [alpha, beta1, beta2, , delta1, delta2] = (['g1', 'g1', 'g2', 'g2', 'g1', 'g2'] as const).map(point)
  const query = (group: Group, id: number, first: number) =>
    readQuery(engine, group, section(sections, id), { first, end: signalCount })
  return {
    signalCount,
    publicCount,
    domain,
    alpha: alpha!,
    beta1: beta1!,
    beta2: beta2!,
    delta1: delta1!,
    delta2: delta2!,
    queries: {
      a: query('g1', SECTION.a, 0),
      b1: query('g1', SECTION.b1, 0),
      b2: query('g2', SECTION.b2, 0),
      c: query('g1', SECTION.c, publicCount + 1),
    },
    h: decodePoints(engine, 'g1', sized(section(sections, SECTION.h), domain * BYTES.g1)),
    rows: readRows(engine, section(sections, SECTION.rows), { signalCount, domain }),
  }
}

function readSections(zkey: Uint8Array): Map<number, Uint8Array> {
  const file = reader(zkey)
  if (file.number(4) !== 0x79656b7an || file.u32() !== 1) throw bad('it is no zkey of version 1')
  const sections = new Map<number, Uint8Array>()
  for (let left = file.u32(); left > 0; left--) {
    const id = file.u32()
    sections.set(id, file.bytes(Number(file.number(8))))
  }
  if (reader(section(sections, 1)).u32() !== 1) throw bad('it is not for Groth16')
  return sections
}

function readQuery(
  engine: Engine,
  group: Group,
  bytes: Uint8Array,
  { first, end }: { first: number; end: number },
): Query {
  const size = BYTES[group]
  sized(bytes, (end - first) * size)
  const present: number[] = []
  for (let at = 0; at < end - first; at++) {
    if (bytes.subarray(at * size, (at + 1) * size).some((byte) => byte !== 0)) present.push(at)
  }
  const packed = new Uint8Array(present.length * size)
  present.forEach((at, to) => packed.set(bytes.subarray(at * size, (at + 1) * size), to * size))
  const signals = Uint32Array.from(present, (at) => at + first)
  return { group, points: decodePoints(engine, group, packed), signals }
}

/** Affine points in snarkjs' form, decoded to memory that stays. */
function decodePoints(engine: Engine, group: Group, bytes: Uint8Array): Address {
  const count = bytes.length / BYTES[group]
  const points = engine.take(count * AFFINE[group])
  engine.scoped(() => engine.decodeCoordinates(points, engine.put(bytes), count * COORDINATES[group], 1))
  return points
}

function readRows(
  engine: Engine,
  bytes: Uint8Array,
  { signalCount, domain }: { signalCount: number; domain: number },
): ProvingKey['rows'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(0, true)
  sized(bytes, 4 + count * ROW_BYTES)
  const entries = new Uint8Array(count * ENTRY_BYTES)
  const target = new DataView(entries.buffer)
  const values = new Uint8Array(count * 32)
  for (let at = 0; at < count; at++) {
    const from = 4 + at * ROW_BYTES
    const [matrix, row, signal] = [0, 4, 8].map((field) => view.getUint32(from + field, true))
    if (matrix! > 1 || row! >= domain || signal! >= signalCount)
      throw bad('an entry of its matrices is out of range')
    const to = at * ENTRY_BYTES
    ;[matrix, row, signal].forEach((field, place) => target.setUint32(to + 4 * place, field!, true))
    values.set(bytes.subarray(from + 12, from + ROW_BYTES), at * 32)
  }
  const decoded = engine.scoped(() => {
    const scalars = engine.take(count * SCALAR)
    engine.decodeScalars(scalars, engine.put(values), count, 1)
    return engine.read(scalars, count * SCALAR)
  })
  for (let at = 0; at < count; at++) {
    entries.set(decoded.subarray(at * SCALAR, (at + 1) * SCALAR), at * ENTRY_BYTES + 12)
  }
  return { at: engine.put(entries), count }
}

function reader(bytes: Uint8Array) {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw bad('it is cut off')
    return bytes.subarray(at, (at += length))
  }
  const number = (length: number) => take(length).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return { bytes: take, number, u32: () => Number(number(4)) }
}

function section(sections: ReadonlyMap<number, Uint8Array>, id: number): Uint8Array {
  const bytes = sections.get(id)
  if (!bytes) throw bad(`it has no section ${id}`)
  return bytes
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw bad('a section has another size')
  return bytes
}

function bad(reason: string): ProofError {
  return new ProofError(`The proving key can't be used: ${reason}`, { code: 'PROVING_FAILED' })
}
