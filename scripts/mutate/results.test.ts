import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Result, Results } from './results.ts'

const [A, B, C, D] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd'] as const
const ALL = new Set<string>([A, B, C, D])
const FILE = 'contracts/payments/Vouchers.sol'
const always = (): boolean => true
let folder = ''

const open = (ids: ReadonlySet<string> = ALL): Results => new Results(FILE, ids, folder)
const text = (): string => readFileSync(join(folder, 'Vouchers.txt'), 'utf8')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mutants-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const KILLED: Result = { mutant: B, status: 'killed', by: 'CTest.testFuzz_a(uint8,uint256)' }
const SURVIVED: Result = { mutant: A, status: 'survived', tests: '0123' }

describe('Results', () => {
  it('keeps a line a mutant, sorted, and reads it again', () => {
    const results = open()
    results.add(KILLED)
    results.add(SURVIVED)
    results.add({ mutant: D, status: 'uncompilable' })
    results.add({ mutant: C, status: 'timeout', tests: '0123' })
    expect(text()).toBe(
      `${A} survived 0123\n${B} killed CTest.testFuzz_a(uint8,uint256)\n${C} timeout 0123\n${D} uncompilable\n`,
    )
    expect([A, B, D].map((id) => open().of(id, '0123', always))).toEqual([
      SURVIVED,
      KILLED,
      { mutant: D, status: 'uncompilable' },
    ])
  })

  it('knows nothing of survivors when tests have changed, nor of a mutant whose test is gone', () => {
    const results = open()
    results.add(SURVIVED)
    results.add(KILLED)
    expect(results.of(A, 'other', always)).toBeUndefined()
    expect(results.of(B, 'other', always)).toEqual(KILLED)
    expect(results.of(B, 'other', (test) => test !== KILLED.by)).toBeUndefined()
  })

  it('forgets mutants that are no more', () => {
    open().add(SURVIVED)
    open(new Set([B])).add(KILLED)
    expect(text()).toBe(`${B} killed CTest.testFuzz_a(uint8,uint256)\n`)
  })

  it('takes the test that noticed a mutant where two lines are about it, and passes over the marks of a conflict', () => {
    writeFileSync(
      join(folder, 'Vouchers.txt'),
      `<<<<<<< HEAD\n${A} killed CTest.test_a()\n=======\n${A} survived 0123\n>>>>>>> other\n${B} survi`,
    )
    expect(open().of(A, '0123', always)?.status).toBe('killed')
    expect(open().of(B, '0123', always)).toBeUndefined()
  })
})
