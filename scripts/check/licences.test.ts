import { describe, expect, it } from 'vitest'
import { licenceOf, objection, satisfies } from './licences.ts'

describe('satisfies', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['(MIT AND GPL-3.0)', false],
    ['(MIT AND ISC) OR GPL-3.0', true],
    ['GPL-3.0', false],
    ['SEE LICENSE IN FILE', false],
  ])('%s: %s', (expression, expected) => {
    expect(satisfies(expression, ['MIT', 'ISC'])).toBe(expected)
  })
})

describe('licenceOf', () => {
  it.each([
    [{ license: 'MIT' }, 'MIT'],
    [{ license: { type: 'ISC' } }, 'ISC'],
    [{ licenses: [{ type: 'MIT' }, { type: 'BSD-3-Clause' }] }, 'MIT OR BSD-3-Clause'],
    [{}, undefined],
  ])('reads %j', (manifest, expected) => {
    expect(licenceOf(manifest)).toBe(expected)
  })
})

describe('objection', () => {
  it.each([
    { name: 'viem', licence: 'MIT', shipped: true, allowed: true },
    { name: 'snarkjs', licence: 'GPL-3.0', shipped: false, allowed: true },
    { name: 'snarkjs', licence: 'GPL-3.0', shipped: true, allowed: false },
    { name: 'circom2', licence: 'GPL-3.0', shipped: false, allowed: true },
    { name: 'circom2', licence: 'GPL-3.0', shipped: true, allowed: false },
    {
      name: '@privacyresearch/curve25519-typescript',
      licence: 'GPL-3.0-only',
      shipped: false,
      allowed: true,
    },
    {
      name: '@privacyresearch/curve25519-typescript',
      licence: 'GPL-3.0-only',
      shipped: true,
      allowed: false,
    },
    { name: 'something-else', licence: 'GPL-3.0', shipped: true, allowed: false },
    { name: 'something-else', licence: 'GPL-3.0', shipped: false, allowed: false },
    { name: 'lightningcss', licence: 'MPL-2.0', shipped: false, allowed: true },
    { name: 'lightningcss', licence: 'MPL-2.0', shipped: true, allowed: false },
    { name: '@node-datachannel/linux-x64-gnu', licence: 'MPL 2.0', shipped: true, allowed: true },
    { name: 'something-else', licence: 'MPL 2.0', shipped: true, allowed: false },
    { name: 'nameless', licence: undefined, shipped: false, allowed: false },
    { name: 'snarkjs', licence: 'AGPL-3.0', shipped: false, allowed: false },
  ])('$name under $licence, shipped $shipped: allowed $allowed', ({ name, licence, shipped, allowed }) => {
    expect(objection(name, licence, shipped) === undefined).toBe(allowed)
  })
})
