import { check, CompileError } from './compile.ts'
import type { Mutant, Sources } from './mutants.ts'
import { type Schemata, schemata, type Variant, within } from './schemata.ts'

/** Sources with all mutants in them, by the numbers that switch them on. */
export interface Pack {
  readonly changed: ReadonlyMap<string, string>
  readonly numbers: ReadonlyMap<Mutant, number>
  /** The compiler refuses them. */
  readonly uncompilable: readonly Mutant[]
  /** They fit into no switch, and need a build of their own. */
  readonly apart: readonly Mutant[]
  readonly files: ReadonlyMap<string, Schemata>
}

/** What code generation can't take together with the rest. */
export interface Exceptions {
  /** Functions (ids of the tree) that are not copied. */
  readonly inPlace: ReadonlySet<number>
  readonly apart: ReadonlySet<Mutant>
}

/** Puts `mutants` into one set of sources, without those that the compiler refuses. Throws CompileError if it is about none. */
export function pack(mutants: readonly Mutant[], sources: Sources, except: Exceptions): Pack {
  const uncompilable: Mutant[] = []
  const apart = mutants.filter((mutant) => except.apart.has(mutant))
  let left = mutants.filter((mutant) => !except.apart.has(mutant))
  for (;;) {
    const numbers = new Map(left.map((mutant, index) => [mutant, index + 1]))
    const byNumber = new Map([...numbers].map(([mutant, number]) => [number, mutant]))
    const files = new Map<string, Schemata>()
    const out = new Set<number>()
    for (const path of new Set(left.flatMap(({ edits }) => [...edits.keys()]))) {
      const tree = sources.trees.get(path)
      const text = sources.texts.get(path)
      if (!tree || text === undefined) continue
      const variants: Variant[] = left.flatMap((mutant) => {
        const edits = mutant.edits.get(path)
        return edits ? [{ number: numbers.get(mutant) ?? 0, edits }] : []
      })
      const packed = schemata(tree, text, variants, String(files.size), except.inPlace)
      files.set(path, packed)
      for (const number of packed.homeless) out.add(number)
    }
    for (const number of out) apart.push(byNumber.get(number)!)
    const changed = new Map([...files].map(([path, { source }]) => [path, source]))
    const refused = out.size > 0 || changed.size === 0 ? new Set<number>() : refusals(changed, files)
    for (const number of refused) uncompilable.push(byNumber.get(number)!)
    if (out.size === 0 && refused.size === 0) return { changed, numbers, uncompilable, apart, files }
    left = left.filter(
      (mutant) => !out.has(numbers.get(mutant) ?? 0) && !refused.has(numbers.get(mutant) ?? 0),
    )
  }
}

/** Numbers of the variants that the compiler's errors lie in. */
function refusals(changed: ReadonlyMap<string, string>, files: ReadonlyMap<string, Schemata>): Set<number> {
  try {
    check([...changed.keys()], changed)
    return new Set()
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return blamed(error, files)
  }
}

/** Throws the error again if it is about something else than variants. */
function blamed(error: CompileError, files: ReadonlyMap<string, Schemata>): Set<number> {
  const numbers = error.diagnostics.map(({ sourceLocation: at }) => {
    const places = at && files.get(at.file)?.places
    return places && places.find((place) => within(at, place))?.number
  })
  if (numbers.includes(undefined)) throw error
  return new Set(numbers.filter((number) => number !== undefined))
}

/** A function with the mutants in it. */
export interface Switched {
  readonly id: number
  readonly mutants: readonly Mutant[]
}

/** What an error of code generation is about: mutants where it lies in one of them, else the functions around them. */
export function blame(
  { diagnostics }: CompileError,
  { files, numbers }: Pack,
): { mutants: Mutant[]; functions: Switched[] } {
  const byNumber = new Map([...numbers].map(([mutant, number]) => [number, mutant]))
  const mutants = new Set<Mutant>()
  const functions = new Map<number, Switched>()
  for (const { sourceLocation: at } of diagnostics) {
    const file = at && files.get(at.file)
    if (!file) continue
    const mutant = byNumber.get(file.places.find((place) => within(at, place))?.number ?? 0)
    const around = file.switches.find((place) => within(at, place))
    if (mutant) mutants.add(mutant)
    else if (around) {
      const inside = file.places.filter((place) => within(place, around))
      const all = new Set(inside.map(({ number }) => byNumber.get(number)!))
      functions.set(around.callable, { id: around.callable, mutants: [...all] })
    }
  }
  return { mutants: [...mutants], functions: [...functions.values()] }
}
