import { describe, expect, it } from 'vitest'
import { Imports } from './imports.ts'
import { Reach } from './reach.ts'

const SOURCES: Record<string, string> = {
  'contracts/A.sol':
    'pragma solidity ^0.8.28;\nimport {IA} from "./interfaces/IA.sol";\nimport "@openzeppelin/x.sol";\n',
  'contracts/interfaces/IA.sol': '',
  'contracts/B.sol': '',
  'test/contracts/A.t.sol': 'import {\n    Fixture\n} from "./support/Fixture.sol";\n',
  'test/contracts/B.t.sol': 'import {B} from "../../contracts/B.sol";\n',
  'test/contracts/support/Fixture.sol': 'import "../../../contracts/A.sol";\n',
}
const TESTS = ['test/contracts/A.t.sol', 'test/contracts/B.t.sol']
const imports = (changes: Record<string, string> = {}): Imports =>
  new Imports((path) => ({ ...SOURCES, ...changes })[path]!)

describe('Imports', () => {
  it('follows imports, but not into packages', () => {
    expect([...imports().closure('test/contracts/A.t.sol')].sort()).toEqual([
      'contracts/A.sol',
      'contracts/interfaces/IA.sol',
      'test/contracts/A.t.sol',
      'test/contracts/support/Fixture.sol',
    ])
    expect(imports().testsOf('contracts/A.sol', TESTS)).toEqual(['test/contracts/A.t.sol'])
  })

  it.each([
    { changed: 'test/contracts/A.t.sol', same: false },
    { changed: 'test/contracts/support/Fixture.sol', same: false },
    { changed: 'test/contracts/B.t.sol', same: true },
    { changed: 'contracts/A.sol', same: true },
  ])('has another hash of the tests of A after a change of $changed: not $same', ({ changed, same }) => {
    const after = imports({ [changed]: `${SOURCES[changed]}// more\n` }).hashOfTests('contracts/A.sol', TESTS)
    expect(after === imports().hashOfTests('contracts/A.sol', TESTS)).toBe(same)
  })

  it.each([
    { changed: 'test/contracts/A.t.sol', same: false },
    { changed: 'test/contracts/support/Fixture.sol', same: false },
    { changed: 'contracts/A.sol', same: false },
    { changed: 'test/contracts/B.t.sol', same: true },
    { changed: 'contracts/B.sol', same: true },
  ])('has another hash of one test after a change of $changed: not $same', ({ changed, same }) => {
    const after = imports({ [changed]: `${SOURCES[changed]}// more\n` }).hashOf('test/contracts/A.t.sol')
    expect(after === imports().hashOf('test/contracts/A.t.sol')).toBe(same)
  })
})

describe('Reach', () => {
  const statements = new Map([
    [
      'contracts/A.sol',
      [
        { start: 10, end: 50, mark: 'outer' },
        { start: 20, end: 30, mark: 'inner' },
        { start: 60, end: 70, mark: 'last' },
      ],
    ],
    ['contracts/B.sol', [{ start: 0, end: 9, mark: 'other' }]],
  ])
  const [ofA, ofB] = ['test/contracts/A.t.sol:ATest', 'test/contracts/B.t.sol:BTest']
  const reach = new Reach(
    statements,
    [
      { suite: ofA, test: 'test_outer()', marks: ['outer'] },
      { suite: ofA, test: 'test_inner()', marks: ['outer', 'inner'] },
      { suite: ofA, test: 'testFuzz_last(uint8)', marks: ['last'] },
      { suite: ofA, test: 'test_nothing()', marks: [] },
      { suite: ofB, test: 'test_b()', marks: ['other'] },
      { suite: ofB, test: 'test_broken()', marks: null },
    ],
    imports(),
  )
  const testsAt = (start: number, end: number, path = 'contracts/A.sol'): string[] =>
    reach.testsOf({ edits: new Map([[path, [{ start, end, text: '' }]]]) }).map(({ test }) => test)

  it.each([
    { what: 'the innermost statement', at: [21, 25], tests: ['test_inner()'] },
    { what: 'a statement around others', at: [12, 45], tests: ['test_outer()', 'test_inner()'] },
    { what: 'a statement that only random inputs reach', at: [60, 70], tests: [] },
  ])(
    'takes the tests that execute $what, random ones of the file, and those that nothing is known of',
    (one) => {
      expect(testsAt(one.at[0]!, one.at[1]!)).toEqual([...one.tests, 'testFuzz_last(uint8)', 'test_broken()'])
    },
  )

  it('takes all tests that import the file, where no statement is around a change', () => {
    const all = ['test_outer()', 'test_inner()', 'testFuzz_last(uint8)', 'test_nothing()', 'test_broken()']
    expect(testsAt(0, 5)).toEqual(all)
    expect(testsAt(45, 65)).toEqual(all)
  })

  it('takes a test once that reaches several places of a change', () => {
    const edits = new Map([
      ['contracts/A.sol', [{ start: 60, end: 70, text: '' }]],
      ['contracts/B.sol', [{ start: 1, end: 2, text: '' }]],
    ])
    expect(reach.testsOf({ edits }).map(({ test }) => test)).toEqual([
      'testFuzz_last(uint8)',
      'test_broken()',
      'test_b()',
    ])
  })
})
