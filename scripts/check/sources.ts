import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findings, ROOT, type Result } from './command.ts'

const BINARY = /\.(zkey|wasm|ptau|r1cs|png|jpg|svg|sym|bin)$/
const GENERATED = /(^|\/)(generated|artifacts|vectors|snapshots)\//
const LARGEST_BYTES = 12 * 1_048_576 // a development ptau or zkey; anything larger is a mistake

interface Rule {
  pattern: RegExp
  message: string
  files?: RegExp
}

/** Patterns are written with a class of one letter, so that this file does not match itself. */
const RULES: Rule[] = [
  {
    pattern: /"resolved": "http/,
    message: 'names a registry host: run npm install with the .npmrc here',
    files: /package-lock\.json$/,
  },
  { pattern: /[r]egistry\.(npmjs\.org|yarnpkg\.com)|[r]egistry=/, message: 'names a registry host' },
  {
    pattern: /(^|[\s"'`(=:])\/([w]ork|[r]oot|[h]ome\/\w+|[U]sers\/\w+)\//m,
    message: 'names a path of one machine',
  },
  {
    pattern: /\b([T]ODO|[F]IXME|[X]XX)\b/,
    message: 'leaves work undone: open an issue instead',
    files: /\.(ts|mjs|sol|circom|proto)$/,
  },
  { pattern: /\b(describe|it|test)\.only\(/, message: 'runs one test only', files: /\.test\.ts$/ },
  { pattern: /^(<<<<<<<|>>>>>>>) /m, message: 'holds a merge conflict' },
]

/** Every file that git has or would take; without git, everything outside the usual folders. */
export function sourceFiles(): string[] {
  const git = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  const files =
    git.status === 0 ? git.stdout.split('\n').filter(Boolean) : globSync('**/*', { cwd: ROOT, exclude: skip })
  return files.filter((file) => existsSync(join(ROOT, file)) && statSync(join(ROOT, file)).isFile())
}

function skip(name: string): boolean {
  return /(^|\/)(node_modules|\.teahouse|artifacts-hardhat|cache)$/.test(name)
}

/** Looks for what must not be in any file: registry hosts, paths of one machine, work left undone, single tests, giants. */
export function words(): Result {
  const problems: string[] = []
  for (const file of sourceFiles()) {
    const path = join(ROOT, file)
    if (statSync(path).size > LARGEST_BYTES) problems.push(`${file}: larger than ${LARGEST_BYTES} bytes`)
    if (BINARY.test(file) || GENERATED.test(file)) continue
    const text = readFileSync(path, 'utf8')
    for (const { pattern, message, files } of RULES) {
      if (files && !files.test(file)) continue
      const match = pattern.exec(text)
      if (match) problems.push(`${file}:${text.slice(0, match.index).split('\n').length} ${message}`)
    }
  }
  return findings(problems)
}

/** Checks that every relative link in Markdown, and every test file named in `code`, exists. */
export function links(): Result {
  const problems: string[] = []
  for (const file of sourceFiles().filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
    for (const target of targets) {
      const path = target.split('#')[0] ?? ''
      if (path === '' || /^[a-z]+:/.test(path)) continue
      if (!existsSync(join(ROOT, dirname(file), path))) problems.push(`${file}: there is no ${target}`)
    }
    for (const [, path = ''] of text.matchAll(/`([\w./-]+\.(?:test\.ts|t\.sol))`/g)) {
      if (path.includes('/') && !existsSync(join(ROOT, path)))
        problems.push(`${file}: there is no test ${path}`)
    }
  }
  return findings(problems)
}
