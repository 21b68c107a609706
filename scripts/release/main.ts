// `npm run release`: the packages as they are published, with their bill of materials and their signed sums. Why and how: docs/adr/0039-observability.md.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ReleaseError } from './errors.ts'
import { release } from './release.ts'
import { verifyRelease } from './sums.ts'

const HELP = `Makes the packages as they are published. The same commit gives the same bytes.

  npm run release                                     into dist/
  npm run release -- --out FOLDER --key private.pem   with signed sums
  npm run release -- --verify FOLDER --key public.pem checks signature and sums

A key: openssl genpkey -algorithm ed25519 -out private.pem; openssl pkey -in private.pem -pubout -out public.pem
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'dist' },
      key: { type: 'string' },
      verify: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return void process.stdout.write(HELP)
  if (values.verify === undefined) {
    await release(resolve(values.out), values.key)
    process.stdout.write(`The release is in ${values.out}${values.key ? '' : ', not signed'}\n`)
  } else if (values.key === undefined) {
    process.stderr.write('npm run release: --verify needs --key, the public key of who released it\n')
    process.exitCode = 2
  } else {
    await verifyRelease(values.verify, values.key)
    process.stdout.write('Signature and sums hold\n')
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof ReleaseError)) throw error
  process.stderr.write(`npm run release: ${error.message}\n`)
  process.exitCode = 1
})
