import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CliError } from './errors.ts'
import {
  accountName,
  address,
  amount,
  chatKey,
  deal,
  duration,
  nodeId,
  percent,
  signature,
  topic,
  wholeNumber,
} from './parse.ts'

const ADDRESS = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

describe('arguments', () => {
  it.each<[(text: string) => unknown, string, unknown]>([
    [topic, '/my-table/1/chat/utf8', '/my-table/1/chat/utf8'],
    [topic, '/0/my-table/1/chat/utf8', '/0/my-table/1/chat/utf8'],
    [amount, '2.5', 2_500_000n],
    [duration, '90', 90],
    [duration, '15m', 900],
    [duration, '2h', 7_200],
    [duration, '7d', 604_800],
    [wholeNumber(1, 600), '600', 600],
    [address, ADDRESS, ADDRESS],
    [address, ADDRESS.toLowerCase(), ADDRESS],
    [deal, `0x${'AB'.repeat(32)}`, `0x${'ab'.repeat(32)}`],
    [percent, '50', 5_000],
    [percent, '12.5%', 1_250],
    [percent, '0.01', 1],
    [chatKey, 'AB'.repeat(32), `0x${'ab'.repeat(32)}`],
    [nodeId, '2', '2'],
    [accountName, 'alice-2', 'alice-2'],
  ])('%o reads %s', (parse, text, value) => {
    expect(parse(text)).toBe(value)
  })
})

describe('when it must refuse', () => {
  it.each<[(text: string) => unknown, string]>([
    [topic, 'foo'],
    [topic, '/a/b/c'],
    [topic, '/1/a/1/b/c'],
    [amount, '-1'],
    [amount, '1e9'],
    [duration, '1.5h'],
    [duration, '2 h'],
    [duration, '9999d'],
    [wholeNumber(1, 600), '0'],
    [wholeNumber(1, 600), '601'],
    [wholeNumber(1, 600), '1.0'],
    [address, ADDRESS.replace('C', 'c')],
    [address, ADDRESS.slice(0, -1)],
    [deal, ADDRESS],
    [signature, '0x12'],
    [percent, '101'],
    [percent, '-1'],
    [chatKey, `0x${'ab'.repeat(31)}`],
    [nodeId, '--json'],
    [nodeId, '0'],
    [accountName, '../alice'],
    [accountName, ''],
  ])('%o of "%s", with a hint', (parse, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: 'USAGE', hint: expect.stringMatching(/./) }),
      }),
    )
  })

  it('any text with a usage error and nothing else', () => {
    const parsers = [
      topic,
      amount,
      duration,
      wholeNumber(0, 9),
      address,
      deal,
      signature,
      percent,
      accountName,
      chatKey,
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...parsers),
        fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
        (parse, text) => {
          try {
            parse(text)
          } catch (error) {
            expect(error).toBeInstanceOf(CliError)
          }
        },
      ),
    )
  })
})
