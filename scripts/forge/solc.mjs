#!/usr/bin/env node
// What forge takes for a solc binary: answers --version, otherwise standard JSON from stdin to stdout, by the npm package.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const solc = createRequire(import.meta.url)('solc')

if (process.argv.includes('--version')) {
  process.stdout.write(
    `solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace('.Emscripten.clang', '.Linux.g++')}\n`,
  )
} else process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
