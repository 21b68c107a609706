import { concatHex, encodeFunctionData, numberToHex, slice, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { abis, type ContractAddresses } from '../chain/index.ts'
import { readAction } from './actions.ts'
import { CONTENTS } from './contents.ts'
import { decodeQuestion, encodeQuestion } from './questions.ts'

const addressOf = (number: number) => numberToHex(number, { size: 20 })
const names = Object.keys(abis) as (keyof typeof abis)[]
const CONTRACTS = Object.fromEntries(
  names.map((name, at) => [name, addressOf(at + 1)]),
) as unknown as ContractAddresses
const WORD = numberToHex(3, { size: 32 })
const ALL_ONES: Hex = `0x${'ff'.repeat(32)}`

/** The bytes with the word that begins at `at` as large as a word can be. */
const swollen = (bytes: Hex, at: number): Hex =>
  concatHex([at === 0 ? '0x' : slice(bytes, 0, at), ALL_ONES, `0x${bytes.slice(2 + 2 * (at + 32))}`])

const thrownBy = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    return error
  }
}

describe('a number that is too large for its type', () => {
  it('makes no question', () => {
    const bytes = swollen(encodeQuestion({ kind: 'block', number: 5n }), 1)
    expect(thrownBy(() => decodeQuestion(bytes))).toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('makes no answer', () => {
    const bytes = swollen(CONTENTS.block.encode({ hash: WORD, parentHash: WORD, timestamp: 9n }), 64)
    expect(thrownBy(() => CONTENTS.block.decode(bytes))).toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('makes no action, nor a part of one', () => {
    const withdraw = swollen(
      encodeFunctionData({
        abi: abis.PaymentChannels,
        functionName: 'withdrawFor',
        args: [addressOf(90), 1n, 2, WORD],
      }),
      4 + 32,
    )
    const together = encodeFunctionData({
      abi: abis.PaymentChannels,
      functionName: 'multicall',
      args: [[withdraw]],
    })
    for (const data of [withdraw, together]) {
      const call = { to: CONTRACTS.PaymentChannels, data }
      expect(thrownBy(() => readAction(CONTRACTS, call))).toMatchObject({ code: 'NOT_RELAYED' })
    }
  })
})
