#!/usr/bin/env node
// Starts the command line with the Node and the packages that it needs; see scripts/bootstrap.mjs.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bootstrap = new URL('../../scripts/bootstrap.mjs', import.meta.url)
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (existsSync(bootstrap)) {
  const { bootstrap: run } = await import(bootstrap.href)
  await run(main, process.argv.slice(2))
} else {
  process.stderr.write(
    'teahouse: this command runs inside a checkout of Teahouse; scripts/bootstrap.mjs is missing\n',
  )
  process.exit(1)
}
