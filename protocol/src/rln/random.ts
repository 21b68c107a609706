import { mod } from './field.ts'

/** 254 bits of field and 130 more, so that reducing leaves a bias below 2^-128. */
const BYTES = 48

/** A uniform element of the scalar field from the platform's random source. */
export function randomScalar(): bigint {
  let value = 0n
  for (const byte of crypto.getRandomValues(new Uint8Array(BYTES))) value = (value << 8n) | BigInt(byte)
  return mod(value)
}
