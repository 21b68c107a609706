import type { Codec, DecodeOptions } from 'protons-runtime'
import { WireError } from './errors.ts'

/** What the generated message namespaces have in common. */
export interface MessageCodec<T> {
  codec(): Codec<T>
  decode(bytes: Uint8Array, options?: DecodeOptions<T>): T
}

/**
 * Decodes one protobuf message. `limits` caps the repeated fields by name.
 * Throws WireError `MALFORMED` for anything that is not an encoding of it.
 */
export function decode<T>(codec: MessageCodec<T>, bytes: Uint8Array, limits?: DecodeOptions<T>['limits']): T {
  try {
    // A plain view: fields of a decoded Buffer would be Buffers, whose slice() does not copy.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return codec.decode(plain, limits === undefined ? {} : { limits })
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : 'not a protobuf message'
    throw new WireError(`The bytes are not a valid message: ${what}`, { code: 'MALFORMED', what }, { cause })
  }
}
