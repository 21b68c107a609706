import { type Artifact, buildTests, check, CompileError } from './compile.ts'
import type { Mutant, Sources } from './mutants.ts'
import { type Pack, pack, tooDeep } from './pack.ts'
import { apply } from './schemata.ts'

export interface Build {
  readonly packed: Pack
  readonly artifacts: readonly Artifact[]
}

/** All mutants in one build of the test files `tests`. */
export function build(
  mutants: readonly Mutant[],
  sources: Sources,
  tests: readonly string[],
  say: (text: string) => void,
): Build {
  const inPlace = new Set<number>()
  for (;;) {
    const packed = pack(mutants, sources, inPlace)
    try {
      return { packed, artifacts: buildTests(packed.changed, tests) }
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      const functions = [...tooDeep(error, packed)].filter((id) => !inPlace.has(id))
      if (functions.length === 0) throw error
      for (const id of functions) inPlace.add(id)
      say(`${functions.length} function(s) with many arguments: switched in place`)
    }
  }
}

/** A mutant in a build of its own, undefined if the compiler refuses it. */
export function buildApart(
  { edits }: Mutant,
  { texts }: Sources,
  tests: readonly string[],
): Artifact[] | undefined {
  const changed = new Map(
    [...edits].map(([path, changes]) => {
      const text = texts.get(path) ?? ''
      return [path, apply(text, { start: 0, end: text.length }, changes)] as const
    }),
  )
  try {
    check([...changed.keys()], changed)
    return buildTests(changed, tests)
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return undefined
  }
}
