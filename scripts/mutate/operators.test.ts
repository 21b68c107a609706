import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { Node } from './ast.ts'
import { mutantsOf } from './mutants.ts'
import { schemata } from './schemata.ts'

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract A {
    uint256 private constant MOST = 5;
    uint256 public immutable start;
    uint256 public sum;
    event Added(address by, uint256 what, uint256 sum);
    error TooMuch(uint256 what);
    constructor(uint256 start_) { start = start_; }
    modifier once() { if (sum != 0) revert TooMuch(sum); _; }
    function add(uint256 what) external once returns (uint256) {
        if (what > MOST && what != 9) revert TooMuch(what);
        sum += what;
        emit Added(msg.sender, what, sum);
        return sum;
    }
}
`

interface Solc {
  compile(input: string): string
}

function compile(
  content: string,
  output: object,
): { sources: { A: { ast: Node } }; errors?: { severity: string }[] } {
  const solc = createRequire(import.meta.url)('solc') as Solc
  const settings = { outputSelection: { '*': output } }
  return JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources: { A: { content } }, settings })),
  ) as ReturnType<typeof compile>
}

const tree = compile(SOURCE, { '': ['ast'] }).sources.A.ast
const mutants = mutantsOf('A', { trees: new Map([['A', tree]]), texts: new Map([['A', SOURCE]]) })
const names = mutants.map(({ name }) => name)

describe('mutantsOf', () => {
  it.each([
    'contract: MOST → (MOST + 1)',
    'contract: MOST → (MOST - 1)',
    'constructor: start = start_ → removed',
    'once: sum != 0 → !(sum != 0)',
    'once: sum != 0 → sum == 0',
    'once: 0 → (0 + 1)',
    'add: once → removed',
    'add: what > MOST && what != 9 → what > MOST || what != 9',
    'add: what > MOST && what != 9 → what > MOST',
    'add: what > MOST && what != 9 → false',
    'add: what > MOST → what >= MOST',
    'add: what > MOST → what <= MOST',
    'add: 9 → (9 - 1)',
    'add: += → =',
    'add: += → -=',
    'add: sum += what → removed',
    'add: emit Added(msg.sender, what, sum) → removed',
    'add: msg.sender → address(0)',
    'add: what, sum → sum, what',
    'add: sum → uint256(0)',
  ])('makes %s', (name) => {
    expect(names).toContain(name)
  })

  it('names each change once, by a hash that no two share', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
  })

  it('keeps the hashes of a function, and of a constant, when something else in the file changes', () => {
    const edited = SOURCE.replace('contract A {', 'contract A { // more').replace('sum != 0)', 'sum > 1)')
    const root = compile(edited, { '': ['ast'] }).sources.A.ast
    const after = mutantsOf('A', { trees: new Map([['A', root]]), texts: new Map([['A', edited]]) })
    const kept = (name: string): boolean =>
      after.some(({ id }) => mutants.some((one) => one.id === id && one.name.startsWith(`${name}: `)))
    expect(['add', 'constructor', 'contract', 'once'].map(kept)).toEqual([true, true, true, false])
  })

  it('changes a constant where it is used, not where it is declared', () => {
    const [edit] = mutants.find(({ name }) => name.endsWith('(MOST + 1)'))?.edits.get('A') ?? []
    expect(SOURCE.slice(edit?.start, edit?.end)).toBe('MOST')
    expect(SOURCE.slice(0, edit?.start)).toMatch(/if \(what > $/)
  })
})

describe('schemata', () => {
  const variants = mutants.map(({ edits }, index) => ({ number: index + 1, edits: edits.get('A') ?? [] }))
  const { source, places, homeless } = schemata(tree, SOURCE, variants, '0')

  it('puts every mutant into one source that compiles', () => {
    expect(homeless).toEqual([])
    const errors = compile(source, { '*': ['abi'] }).errors ?? []
    expect(errors.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('knows where each lies', () => {
    const removed = mutants.findIndex(({ name }) => name === 'add: once → removed') + 1
    const [place] = places.filter(({ number }) => number === removed)
    expect(source.slice(place?.start, place?.end)).toMatch(
      /^function add\w+\(uint256 what\) private {3}returns/,
    )
  })

  it('says which it has no place for', () => {
    const stray = { number: 999, edits: [{ start: 0, end: 2, text: '' }] }
    expect(schemata(tree, SOURCE, [stray], '0').homeless).toEqual([999])
  })
})
