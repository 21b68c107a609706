import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFacts } from './facts.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('what the simulation reads', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'facts-'))
    for (const folder of ['snapshots', 'contracts', 'ignition/parameters'])
      cpSync(join(ROOT, folder), join(root, folder), { recursive: true })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const change = (file: string, from: string | RegExp, to: string): void => {
    const before = readFileSync(join(root, file), 'utf8')
    const after = before.replace(from, to)
    expect(after).not.toBe(before)
    writeFileSync(join(root, file), after)
  }

  it('follows the gas snapshots, the parameters and the constants of the contracts', async () => {
    change('snapshots/PaymentChannels.json', /"collect": "\d+"/, '"collect": "12345"')
    change('ignition/parameters/public.json5', /feePerMessage: '\d+n'/, "feePerMessage: '7000000n'")
    change('contracts/membership/HomeFees.sol', 'BURN_DIVISOR = 10;', 'BURN_DIVISOR = 5;')
    const facts = await readFacts(root)
    expect(facts.gas.collect).toBe(12_345)
    expect(facts.membership.feePerMessage).toBe(7)
    expect(facts.membership.burnDivisor).toBe(5)
  })

  it.each([
    ['a snapshot without an entry', 'snapshots/RetrievalCourt.json', '"challenge":', '"challenged":'],
    ['a parameter that is gone', 'ignition/parameters/public.json5', 'creditSeconds', 'creditDays'],
    [
      'a constant that is gone',
      'contracts/staking/IncomeCredit.sol',
      'CAP_DIVISOR = 4;',
      'CAP_DIVISOR = 2 + 2;',
    ],
    ['gas of nothing', 'snapshots/ServiceRegistry.json', /"announce": "\d+"/, '"announce": "0"'],
  ])('refuses %s, naming the file', async (_given, file, from, to) => {
    change(file, from, to)
    await expect(readFacts(root)).rejects.toMatchObject({ detail: { code: 'NO_FACT', file } })
  })
})
