import { ProofError } from '../errors.ts'
import { FIELD } from '../field.ts'

/** A circuit's input signals by name; an array's elements in order. */
export type CircuitInput = Readonly<Record<string, bigint | readonly bigint[]>>

/** All signals of a circuit for an input: 32 little-endian bytes each, plain. */
export type Witness = Uint8Array

/** What circom's generated WebAssembly offers (circom 2.2). */
interface CircomExports {
  readonly memory: WebAssembly.Memory
  getSharedRWMemoryStart(): number
  getFieldNumLen32(): number
  getWitnessSize(): number
  getInputSize(): number
  getInputSignalSize(hashHigh: number, hashLow: number): number
  getRawPrime(): void
  writeSharedRWMemory(at: number, word: number): void
  readSharedRWMemory(at: number): number
  init(check: number): void
  setInputSignal(hashHigh: number, hashLow: number, at: number): void
  getWitness(at: number): void
}

const WORDS = 8
const BYTES = 4 * WORDS

/**
 * Instantiates circom's witness generator once; every call then only runs it.
 * Throws ProofError PROVING_FAILED if it is not a generator of BN254, and in a call if the circuit refuses the input.
 */
export async function witnessCalculator(wasm: Uint8Array): Promise<(input: CircuitInput) => Witness> {
  const runtime = {
    exceptionHandler(code: number) {
      throw failed(`the circuit refuses the input (circom code ${code})`)
    },
    printErrorMessage() {},
    writeBufferMessage() {},
    showSharedRWMemory() {},
  }
  const { instance } = await WebAssembly.instantiate(wasm as BufferSource, { runtime })
  const circom = instance.exports as unknown as CircomExports
  const readShared = () => Array.from({ length: WORDS }, (_, at) => circom.readSharedRWMemory(at) >>> 0)

  if (circom.getFieldNumLen32() !== WORDS) throw failed('the circuit is over another field')
  circom.getRawPrime()
  const prime = readShared().reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  if (prime !== FIELD) throw failed('the circuit is over another field')

  function setSignal(name: string, given: bigint | readonly bigint[]): number {
    const values = typeof given === 'bigint' ? [given] : given
    const [high, low] = signalHash(name)
    if (circom.getInputSignalSize(high, low) !== values.length) throw failed(`${name} has another size`)
    values.forEach((value, at) => {
      for (let word = 0; word < WORDS; word++) {
        circom.writeSharedRWMemory(word, Number((value >> BigInt(32 * word)) & 0xffff_ffffn) | 0)
      }
      circom.setInputSignal(high, low, at)
    })
    return values.length
  }

  return (input) => {
    circom.init(0)
    const set = Object.entries(input).reduce((sum, [name, given]) => sum + setSignal(name, given), 0)
    if (set !== circom.getInputSize()) throw failed('an input signal is missing')
    const size = circom.getWitnessSize()
    const witness = new Uint8Array(size * BYTES)
    const shared = circom.getSharedRWMemoryStart()
    for (let at = 0; at < size; at++) {
      circom.getWitness(at)
      witness.set(new Uint8Array(circom.memory.buffer, shared, BYTES), at * BYTES)
    }
    return witness
  }
}

function failed(reason: string): ProofError {
  return new ProofError(`No witness: ${reason}`, { code: 'PROVING_FAILED' })
}

/** FNV-1a of 64 bits, by which circom names its input signals: the high and the low word. */
function signalHash(name: string): [number, number] {
  let hash = 0xcbf2_9ce4_8422_2325n
  for (const char of new TextEncoder().encode(name)) {
    hash = ((hash ^ BigInt(char)) * 0x100_0000_01b3n) & 0xffff_ffff_ffff_ffffn
  }
  return [Number(hash >> 32n) | 0, Number(hash & 0xffff_ffffn) | 0]
}
