import { type Artifact, buildTests, check, CompileError, contractFiles, generate } from './compile.ts'
import { Imports } from './imports.ts'
import type { Mutant, Sources } from './mutants.ts'
import { blame, type Pack, pack } from './pack.ts'
import { apply } from './schemata.ts'

export interface Build {
  readonly packed: Pack
  /** Empty if no mutant is switched on in them. */
  readonly artifacts: readonly Artifact[]
}

export interface Compiler {
  /** Code of the tests, with the texts in `changed` in place of the files of those names. Throws CompileError. */
  build(changed: ReadonlyMap<string, string>, tests: readonly string[]): Artifact[]
}

/** Contracts first, since what the compiler refuses it refuses sooner in them. */
export const SOLC: Compiler = {
  build(changed, tests) {
    const imports = new Imports()
    const touched = contractFiles().filter((path) =>
      [...changed.keys()].some((each) => imports.closure(path).has(each)),
    )
    if (touched.length > 0) generate(touched, changed)
    return buildTests(changed, tests)
  },
}

/**
 * All mutants in one build of the test files `tests`, or in as few as the compiler takes. What its errors are about is taken out, a mutant or
 * a function at a time; where that can't be told, the mutants are halved.
 */
export function* builds(
  mutants: readonly Mutant[],
  sources: Sources,
  tests: readonly string[],
  say: (text: string) => void,
  compiler: Compiler = SOLC,
): Generator<Build> {
  const inPlace = new Set<number>()
  const apart = new Set<Mutant>()
  for (;;) {
    let packed: Pack | undefined
    try {
      packed = pack(mutants, sources, { inPlace, apart })
      yield { packed, artifacts: packed.numbers.size > 0 ? compiler.build(packed.changed, tests) : [] }
      return
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      if (!packed || !takeOut(error, packed, { inPlace, apart }, say)) {
        yield* halves(mutants, sources, tests, say, compiler)
        return
      }
    }
  }
}

/** Whether an error said what to take out: a mutant, a function to switch in place, or one that is so already with all its mutants. */
function takeOut(
  error: CompileError,
  packed: Pack,
  { inPlace, apart }: { inPlace: Set<number>; apart: Set<Mutant> },
  say: (text: string) => void,
): boolean {
  const { mutants, functions } = blame(error, packed)
  const stubborn = functions.filter(({ id }) => inPlace.has(id)).flatMap((each) => each.mutants)
  const mended = functions.filter(({ id }) => !inPlace.has(id))
  for (const { id } of mended) inPlace.add(id)
  for (const mutant of [...mutants, ...stubborn]) apart.add(mutant)
  if (mended.length > 0) say(`${mended.length} function(s) with many arguments: switched in place`)
  const names = [...mutants, ...stubborn].map(({ name }) => name)
  if (names.length > 0) say(`too deep for the stack with the others: ${names.join('; ')}`)
  return mended.length + names.length > 0
}

function* halves(
  mutants: readonly Mutant[],
  sources: Sources,
  tests: readonly string[],
  say: (text: string) => void,
  compiler: Compiler,
): Generator<Build> {
  if (mutants.length === 1) {
    yield { packed: pack(mutants, sources, { inPlace: new Set(), apart: new Set(mutants) }), artifacts: [] }
    return
  }
  const middle = mutants.length >> 1
  say(`${mutants.length} mutants are refused together: in two builds`)
  for (const half of [mutants.slice(0, middle), mutants.slice(middle)])
    yield* builds(half, sources, tests, say, compiler)
}

/** A mutant in a build of its own, undefined if the compiler refuses it. */
export function buildApart(
  { edits }: Mutant,
  { texts }: Sources,
  tests: readonly string[],
  compiler: Compiler = SOLC,
): Artifact[] | undefined {
  const changed = new Map(
    [...edits].map(([path, changes]) => {
      const text = texts.get(path) ?? ''
      return [path, apply(text, { start: 0, end: text.length }, changes)] as const
    }),
  )
  try {
    check([...changed.keys()], changed)
    return compiler.build(changed, tests)
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return undefined
  }
}
