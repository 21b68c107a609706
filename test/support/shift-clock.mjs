// For `node --import`: shifts Date.now by CLOCK_SHIFT_MS, or by the milliseconds that stand in CLOCK_SHIFT_FILE, which may change while the
// process runs. Timers and performance.now go on as they are, as they do when the clock of a machine is set.
import { readFileSync } from 'node:fs'

const { CLOCK_SHIFT_MS = '0', CLOCK_SHIFT_FILE } = process.env
const real = Date.now
const LOOK_EVERY_MS = 20
let shift = Number(CLOCK_SHIFT_MS)
let lookedAt = -Infinity

Date.now = () => {
  if (CLOCK_SHIFT_FILE && performance.now() - lookedAt > LOOK_EVERY_MS) {
    lookedAt = performance.now()
    shift = Number(readFileSync(CLOCK_SHIFT_FILE, 'utf8'))
  }
  return real() + shift
}
