import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { besideJavaScript } from './declare.ts'
import { emit, isCompiled, rewritten } from './emit.ts'
import { publishedManifest } from './manifest.ts'
import { manifestOf, ROOT, sourcesOf, WORKSPACES } from './workspaces.ts'

describe.each(WORKSPACES)('what is published of %s', (workspace) => {
  const manifest = manifestOf(workspace)
  const published = publishedManifest(workspace, manifest) as {
    exports: Record<string, { types: string; default: string }>
  }

  it('exports what was built of files that there are, and nothing that Node would have to strip', () => {
    expect(Object.keys(published.exports)).toEqual(Object.keys(manifest.exports))
    for (const { types, default: path } of Object.values(published.exports)) {
      expect(path).toMatch(/^\.\/dist\/.*\.js$/)
      expect(existsSync(join(ROOT, workspace, path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')))).toBe(
        true,
      )
      expect(types).toBe(path.replace(/\.js$/, '.d.ts'))
    }
    expect(published).not.toHaveProperty('devDependencies')
  })

  it('has no tests and no helpers of them', () => {
    const files = sourcesOf(workspace)
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((file) => /test/.test(file))).toEqual([])
  })
})

it('compiles each file to one that Node runs as it is', () => {
  const built = emit('protocol')
  expect(built.size).toBe(sourcesOf('protocol').filter(isCompiled).length)
  for (const [file, text] of built) {
    expect(file).toMatch(/\.js$/)
    expect(text, file).not.toMatch(/from ['"]\.[^'"]*\.ts['"]|new URL\(['"][^'"]*\.ts['"]/)
    for (const [, artifact] of text.matchAll(/'\.\.\/\.\.\/(circuits\/[^']+)'/g))
      expect(existsSync(join(ROOT, artifact!)), artifact).toBe(true)
  }
  expect(built.get('rln/artifacts.js')).toContain("'../../circuits/artifacts/rln_20.wasm'")
})

it('names built files where the source names its own by URL', () => {
  expect(rewritten("new Worker(new URL('./thread.ts', import.meta.url), {")).toBe(
    "new Worker(new URL('./thread.js', import.meta.url), {",
  )
  expect(rewritten("'read ./thread.ts'")).toBe("'read ./thread.ts'")
})

it("names built files in declarations, and nobody else's", () => {
  expect(besideJavaScript('export { a } from \'./a.ts\'\nimport type { B } from "../b.ts"')).toBe(
    'export { a } from \'./a.js\'\nimport type { B } from "../b.js"',
  )
  expect(besideJavaScript("type C = import('./c/d.ts').D")).toBe("type C = import('./c/d.js').D")
  expect(besideJavaScript("import type { E } from 'e.ts'")).toBe("import type { E } from 'e.ts'")
})
