import type { ProverInput } from '@teahouse/protocol/rln'
import { toLittleEndian } from '../../../protocol/src/rln/field.ts'

/** zerokit's serialization of a member and a message. */
export function zerokitWitness({ path, ...input }: ProverInput): Uint8Array {
  const length = (count: number) => toLittleEndian(BigInt(count)).subarray(0, 8)
  const head = [input.secret, BigInt(input.rateLimit), BigInt(input.messageId)]
  const parts = [
    ...head.map(toLittleEndian),
    length(path.elements.length),
    ...path.elements.map(toLittleEndian),
    length(path.indices.length),
    Uint8Array.from(path.indices),
    toLittleEndian(input.x),
    toLittleEndian(input.externalNullifier),
  ]
  return new Uint8Array(parts.flatMap((part) => [...part]))
}
