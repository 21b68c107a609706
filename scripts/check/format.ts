// `npm run format [-- PATH…]`: writes what the `format` check asks for.
import { runFile } from './command.ts'

const paths = process.argv.slice(2)
const result = await runFile('node_modules/prettier/bin/prettier.cjs', [
  '--write',
  '--list-different',
  ...(paths.length > 0 ? paths : ['.']),
])
process.stdout.write(`${result.detail}\n`)
process.exitCode = result.ok ? 0 : 1
