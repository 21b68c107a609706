import type { ContractReport } from './check.ts'

/** A report for a person: one line a contract, and below it what differs. */
export function reportLines(reports: readonly ContractReport[]): { lines: string[]; ok: boolean } {
  const width = Math.max(0, ...reports.map(({ name }) => name.length))
  const lines = reports.flatMap(({ name, address, compared, differences }) => {
    const verdict = differences.length === 0 ? 'ok      ' : 'DIFFERS '
    return [
      `${verdict}${name.padEnd(width)}  ${address}  ${compared}`,
      ...differences.map((line) => `        ${line}`),
    ]
  })
  const bad = reports.filter(({ differences }) => differences.length > 0).length
  const verdict = bad === 0 ? 'all as compiled here' : `${bad} differ from what this repository compiles`
  return { lines: [...lines, `${reports.length} contracts, ${verdict}`], ok: bad === 0 }
}
