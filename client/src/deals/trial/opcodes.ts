import { hexToBytes, type Hex } from 'viem'

/** Instructions by which a contract changes its own storage or its own code, or has other code run as its own. */
const CHANGING: Readonly<Record<number, string>> = {
  0x55: 'SSTORE',
  0xf2: 'CALLCODE',
  0xf4: 'DELEGATECALL',
  0xff: 'SELFDESTRUCT',
}
const PUSH1 = 0x60
const PUSH32 = 0x7f
const INVALID = 0xfe
/** An account that lets itself be run by other code, which its owner can choose anew (EIP-7702). */
const DELEGATED = '0xef0100'

/**
 * The instructions in a contract's code by which it can change. Reads the code from its start, as the EVM would without jumps,
 * and leaves the compiler's metadata at its end out.
 */
export function changingOpcodes(code: Hex): readonly string[] {
  if (code.startsWith(DELEGATED)) return ['a delegation to other code']
  const bytes = withoutMetadata(hexToBytes(code))
  const found = new Set<string>()
  for (let at = 0; at < bytes.length; at++) {
    const opcode = bytes[at]!
    if (opcode >= PUSH1 && opcode <= PUSH32) at += opcode - PUSH1 + 1
    const name = CHANGING[opcode]
    if (name !== undefined) found.add(name)
  }
  return [...found]
}

/** solc ends the code with INVALID, a CBOR map, and the map's length in two bytes. */
function withoutMetadata(bytes: Uint8Array): Uint8Array {
  const length = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0)
  const start = bytes.length - 2 - length
  const isMap = start > 0 && (bytes[start]! & 0xe0) === 0xa0
  return isMap && bytes[start - 1] === INVALID ? bytes.subarray(0, start - 1) : bytes
}
