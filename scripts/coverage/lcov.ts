/** What a run reached in one file. */
export interface FileCoverage {
  readonly path: string
  /** Line number → how often it ran. */
  readonly lines: ReadonlyMap<number, number>
  readonly branches: readonly Branch[]
}

export interface Branch {
  readonly line: number
  /** `block.path`, as forge numbers them within the file. */
  readonly name: string
  readonly taken: number
}

export interface Share {
  readonly hit: number
  readonly of: number
}

/** Reads an LCOV tracefile (`SF`, `DA`, `BRDA`); paths become `/`-separated. */
export function parseLcov(text: string): FileCoverage[] {
  return text
    .split('end_of_record')
    .map((record) => record.split('\n').map((line) => line.trim()))
    .flatMap((record) => {
      const path = record.find((line) => line.startsWith('SF:'))?.slice(3)
      return path === undefined ? [] : [{ path: path.replaceAll('\\', '/'), ...readRecord(record) }]
    })
}

function readRecord(record: readonly string[]): Omit<FileCoverage, 'path'> {
  const lines = new Map<number, number>()
  const branches: Branch[] = []
  for (const entry of record) {
    const [kind, rest = ''] = entry.split(/:(.*)/s)
    const fields = rest.split(',')
    if (kind === 'DA') lines.set(Number(fields[0]), Number(fields[1]))
    if (kind === 'BRDA') {
      const [line, block = '', path = '', taken] = fields
      // `-`: the code that the branch is part of never ran.
      branches.push({
        line: Number(line),
        name: `${block}.${path}`,
        taken: taken === '-' ? 0 : Number(taken),
      })
    }
  }
  return { lines, branches }
}

export function lineShare({ lines }: FileCoverage): Share {
  return { hit: [...lines.values()].filter((count) => count > 0).length, of: lines.size }
}

export function branchShare({ branches }: FileCoverage): Share {
  return { hit: branches.filter(({ taken }) => taken > 0).length, of: branches.length }
}

export function sum(shares: readonly Share[]): Share {
  return shares.reduce((a, b) => ({ hit: a.hit + b.hit, of: a.of + b.of }), { hit: 0, of: 0 })
}

/** In percent; what has nothing to reach is reached. */
export function percent({ hit, of }: Share): number {
  return of === 0 ? 100 : (100 * hit) / of
}

export function missedLines({ lines }: FileCoverage): number[] {
  return [...lines].filter(([, count]) => count === 0).map(([line]) => line)
}

export function missedBranches({ branches }: FileCoverage): Branch[] {
  return branches.filter(({ taken }) => taken === 0)
}
