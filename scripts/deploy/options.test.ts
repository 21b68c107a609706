import { describe, expect, it } from 'vitest'
import { HELP, readOptions } from './options.ts'

const TOKEN = '0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238'

describe('the command line of npm run deploy', () => {
  it('takes the token as what is given', () => {
    const argv = ['--network', 'sepolia', '--token', TOKEN, '--given', `Escrow=${TOKEN}`, '--dry-run']
    expect(readOptions(argv)).toEqual({
      network: 'sepolia',
      given: { Token: TOKEN, Escrow: TOKEN },
      parameters: undefined,
      name: undefined,
      dryRun: true,
      yes: false,
    })
  })

  it('has examples that it understands', () => {
    expect(readOptions(['--help'])).toBe('help')
    const examples = [...HELP.matchAll(/^ {2}npm run deploy -- (.*)$/gm)].map(([, line]) => line!)
    expect(examples.length).toBeGreaterThan(2)
    for (const line of examples)
      expect(readOptions(line.replaceAll('0x…', TOKEN).split(' '))).toMatchObject({ network: 'sepolia' })
  })

  it.each([
    { given: 'no network', argv: [] },
    { given: 'a path as a network', argv: ['--network', '../x'] },
    { given: 'an unknown flag', argv: ['--network', 'a', '--force'] },
    { given: 'a token without an address', argv: ['--network', 'a', '--token', 'USDC'] },
    { given: 'a wrong checksum', argv: ['--network', 'a', '--token', TOKEN.replace('D4B', 'd4B')] },
    { given: 'a contract without a name', argv: ['--network', 'a', '--given', TOKEN] },
  ])('refuses $given with USAGE', ({ argv }) => {
    expect(() => readOptions(argv)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
