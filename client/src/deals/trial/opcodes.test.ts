import { concatHex, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { changingOpcodes } from './opcodes.ts'

describe('what can change in a contract', () => {
  it.each<[string, Hex, string[]]>([
    ['nothing', '0x', []],
    ['a store', '0x6001600055', ['SSTORE']],
    ['a proxy', '0x5f5ff4', ['DELEGATECALL']],
    ['two of one kind and an end', '0x5555ff', ['SSTORE', 'SELFDESTRUCT']],
    ['reads alone', '0x5f545ffa', []],
    ['an account that delegates', '0xef01001234', ['a delegation to other code']],
  ])('is %s', (_, code, names) => {
    expect(changingOpcodes(code)).toEqual(names)
  })

  it('is not in numbers that the code pushes, nor in what the compiler says of itself', () => {
    expect(changingOpcodes(`0x7f${'55'.repeat(32)}00`)).toEqual([])
    const metadata: Hex = `0xa1${'55'.repeat(9)}`
    expect(changingOpcodes(concatHex(['0x6000', '0xfe', metadata, '0x000a']))).toEqual([])
    expect(changingOpcodes(concatHex(['0x6000', metadata, '0x000a']))).toEqual(['SSTORE'])
  })
})
