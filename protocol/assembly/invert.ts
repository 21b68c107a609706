// Inverses by Fermat: a^(p − 2), four bits of the public exponent at a time.
import { FP_MINUS_TWO, fpMul, fpSquare } from './generated/field'

const SIZE: usize = 36
const POWERS: usize = memory.data(576)
const RESULT: usize = memory.data(36)

/** 0 stays 0. */
export function fpInvert(out: usize, a: usize): void {
  memory.copy(POWERS + SIZE, a, SIZE)
  for (let power: usize = 2; power < 16; power++) fpMul(POWERS + power * SIZE, POWERS + (power - 1) * SIZE, a)
  // The topmost digit of p − 2 is 3.
  memory.copy(RESULT, POWERS + 3 * SIZE, SIZE)
  for (let at: i32 = 62; at >= 0; at--) {
    fpSquare(RESULT, RESULT)
    fpSquare(RESULT, RESULT)
    fpSquare(RESULT, RESULT)
    fpSquare(RESULT, RESULT)
    const digit: u32 = (load<u32>(FP_MINUS_TWO + ((at >> 3) << 2)) >> ((at & 7) << 2)) & 15
    if (digit !== 0) fpMul(RESULT, RESULT, POWERS + <usize>digit * SIZE)
  }
  memory.copy(out, RESULT, SIZE)
}
