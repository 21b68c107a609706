import { beforeEach, describe, expect, it } from 'vitest'
import { offenderBook, type Offenders } from './offenders.ts'

let time: number
let offenders: Offenders
const blameTimes = (peer: string, times: number) => Array.from({ length: times }, () => offenders.blame(peer))

beforeEach(() => {
  time = 1_000
  offenders = offenderBook({ limit: 3, windowMs: 100, refusalMs: 1_000 }, () => time)
})

describe('offenders', () => {
  it('are refused after the last offence that is tolerated, told once', () => {
    expect(blameTimes('mallory', 5)).toEqual([false, false, true, false, false])
    expect(offenders.isRefused('mallory')).toBe(true)
    expect(offenders.isRefused('alice')).toBe(false)
  })

  it('are taken back when their time is over, and refused again for as many offences', () => {
    blameTimes('mallory', 3)
    time += 1_000
    expect(offenders.isRefused('mallory')).toBe(false)
    expect(blameTimes('mallory', 3)).toEqual([false, false, true])
  })

  it('are forgiven offences that are rare', () => {
    for (let offence = 0; offence < 20; offence++, time += 60)
      expect(offenders.blame('unlucky'), String(offence)).toBe(false)
  })

  it('are remembered in bounded number', () => {
    blameTimes('mallory', 3)
    for (let peer = 0; peer < 5_000; peer++) offenders.blame(String(peer))
    expect(offenders.isRefused('mallory')).toBe(false)
  })
})
