import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { Node } from './ast.ts'
import { buildApart, builds, type Compiler } from './build.ts'
import { buildTests, CompileError } from './compile.ts'
import { type Mutant, mutantsOf, type Sources } from './mutants.ts'

const PATH = 'contracts/A.sol'
const few = `function few(uint256 a) external { if (a > 2) revert(); }`
/** As many variables as the stack holds, so that `event arguments swapped` is too much for it, in a copy and in place. */
const many = `function many(uint256 a, address b, uint256 c, uint32 d, uint256 e) external {
        uint256 f = a + 1;
        uint256 g = c + 2;
        uint256 h = e + 3;
        uint256 i = f + g;
        uint256 j = g + h;
        uint256 k = i + j;
        uint256 l = j + k;
        uint256 m = k + l;
        emit Noted(a, b, d, c, l, m);
    }`

function sourcesOf(functions: string): Sources {
  const text = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract A {
    event Noted(uint256 indexed a, address indexed b, uint32 indexed d, uint256 c, uint256 k, uint256 l);
    ${functions}
}
`
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string }
  const input = {
    language: 'Solidity',
    sources: { [PATH]: { content: text } },
    settings: { outputSelection: { '*': { '': ['ast'] } } },
  }
  const { sources } = JSON.parse(solc.compile(JSON.stringify(input))) as {
    sources: Record<string, { ast: Node }>
  }
  return { trees: new Map([[PATH, sources[PATH]!.ast]]), texts: new Map([[PATH, text]]) }
}

const real: Compiler = { build: (changed) => buildTests(changed, [PATH]) }

interface Found {
  readonly switched: string[][]
  readonly apart: Mutant[]
  readonly said: string[]
}

function run(mutants: readonly Mutant[], sources: Sources, compiler: Compiler): Found {
  const said: string[] = []
  const all = [...builds(mutants, sources, [], (text) => said.push(text), compiler)]
  return {
    switched: all.map(({ packed }) => [...packed.numbers.keys()].map(({ name }) => name)),
    apart: all.flatMap(({ packed }) => packed.apart),
    said,
  }
}

describe('builds', () => {
  it('takes out the mutants that are too deep for the stack, and no others', () => {
    const sources = sourcesOf(`${few}\n    ${many}`)
    const mutants = mutantsOf(PATH, sources)
    const { switched, apart } = run(mutants, sources, real)
    expect(switched).toHaveLength(1)
    expect(switched[0]!.length + apart.length).toBe(mutants.length)
    expect(apart.length).toBeGreaterThan(0)
    expect(new Set(apart.map(({ operator }) => operator))).toEqual(new Set(['event arguments swapped']))
    expect(apart.map((mutant) => buildApart(mutant, sources, [], real))).toEqual(apart.map(() => undefined))
  })

  it('halves the mutants where an error says nothing, until the one is found that it is about', () => {
    const sources = sourcesOf(few)
    const mutants = mutantsOf(PATH, sources)
    const bad = mutants.find(({ name }) => name === 'few: a > 2 → a >= 2')!
    const { switched, apart, said } = run(mutants, sources, {
      build(changed) {
        if (changed.get(PATH)!.includes('a >= 2'))
          throw new CompileError([{ severity: 'error', formattedMessage: 'somewhere' }])
        return []
      },
    })
    expect(apart).toEqual([bad])
    expect(switched.flat().sort()).toEqual(
      mutants
        .filter((mutant) => mutant !== bad)
        .map(({ name }) => name)
        .sort(),
    )
    expect(said).toContain(`${mutants.length} mutants are refused together: in two builds`)
  })

  it('takes all mutants out of a function that is too deep in place, too', () => {
    const sources = sourcesOf(`${few}\n    ${many}`)
    const mutants = mutantsOf(PATH, sources)
    const { switched, apart } = run(mutants, sources, {
      build(changed) {
        const at = changed.get(PATH)!.indexOf('function few')
        if (!changed.get(PATH)!.includes('a >= 2')) return []
        const sourceLocation = { file: PATH, start: at, end: at + 1 }
        throw new CompileError([{ severity: 'error', formattedMessage: '', sourceLocation }])
      },
    })
    const names = mutants.filter(({ name }) => name.startsWith('few:')).map(({ name }) => name)
    expect(apart.map(({ name }) => name)).toEqual(names)
    expect(switched).toEqual([mutants.filter(({ name }) => name.startsWith('many:')).map(({ name }) => name)])
  })

  it('compiles nothing where nothing is left', () => {
    const sources = sourcesOf(few)
    const compiler: Compiler = {
      build() {
        throw new TypeError('nothing to build')
      },
    }
    expect(run([], sources, compiler).switched).toEqual([[]])
  })
})
