import { describe, expect, it } from 'vitest'
import { trust } from './trust.ts'

describe('trust', () => {
  it('is earned by proofs that hold, and lost by one that does not', () => {
    const { isTrusted, note } = trust()
    for (let held = 0; held < 7; held++) note('alice', true)
    expect(isTrusted('alice')).toBe(false)
    note('alice', true)
    expect(isTrusted('alice')).toBe(true)
    note('alice', false)
    expect(isTrusted('alice')).toBe(false)
  })

  it('of one source says nothing about another', () => {
    const { isTrusted, note } = trust()
    for (let held = 0; held < 8; held++) note('alice', true)
    note('mallory', false)
    expect(isTrusted('alice')).toBe(true)
    expect(isTrusted('mallory')).toBe(false)
  })

  it('is kept of a bounded number, the silent forgotten first', () => {
    const { isTrusted, note } = trust()
    for (let held = 0; held < 8; held++) note('early', true)
    for (let peer = 0; peer < 5_000; peer++) note(String(peer), true)
    expect(isTrusted('early')).toBe(false)
  })
})
