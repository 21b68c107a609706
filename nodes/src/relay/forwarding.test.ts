import { describe, expect, it } from 'vitest'
import { forwarding } from './forwarding.ts'

const LASTING = { bytes: 1_000, ephemeral: false }
const EPHEMERAL = { bytes: 1_000, ephemeral: true }

/** With an upload of 80 kB/s: 60 kB/s of it for forwarding, 120 kB saved up. */
function limited() {
  let time = 0
  const gate = forwarding(() => time)
  gate.setUpload(80_000)
  const count = (message: typeof LASTING, tries: number) =>
    Array.from({ length: tries }, () => gate.mayForward(message, 6)).filter(Boolean).length
  return { gate, count, pass: (ms: number) => (time += ms) }
}

describe('forwarding', () => {
  it('keeps to its share of the upload over time', () => {
    const { gate, count, pass } = limited()
    expect(count(LASTING, 100)).toBe(20)
    let sent = 0
    for (let second = 0; second < 60; second++) {
      pass(1_000)
      sent += count(LASTING, 100)
    }
    expect(sent).toBe(600)
    expect(gate.dropped).toEqual({ lasting: 80 + 6_000 - 600, ephemeral: 0 })
  })

  it('drops ephemeral messages before lasting ones', () => {
    const { gate, count } = limited()
    expect(count(EPHEMERAL, 100)).toBe(10)
    expect(count(LASTING, 100)).toBe(10)
    expect(gate.dropped).toEqual({ lasting: 90, ephemeral: 90 })
  })

  it('gives way to what the node publishes', () => {
    const { gate, count, pass } = limited()
    gate.published(30_000, 6)
    expect(count(LASTING, 1)).toBe(0)
    pass(1_100)
    expect(count(LASTING, 100)).toBe(1)
  })

  it('drops nothing without a limit', () => {
    const { gate, count } = limited()
    gate.setUpload(undefined)
    expect(count(EPHEMERAL, 1_000)).toBe(1_000)
    expect(gate.dropped).toEqual({ lasting: 0, ephemeral: 0 })
  })
})
