import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Connect, type Plugin } from 'vite'

const HOME = process.env['TEAHOUSE_HOME'] ?? join(import.meta.dirname, '../../.teahouse')

/** Serves what `npm start` says of the local network; read at each request, since another run has other addresses. */
const answerNetwork: Connect.NextHandleFunction = (_, response) => {
  try {
    response.setHeader('content-type', 'application/json')
    response.end(readFileSync(join(HOME, 'local.json')))
  } catch {
    response.statusCode = 404
    response.end('{}')
  }
}

const network: Plugin = {
  name: 'local-network',
  configureServer: ({ middlewares }) => void middlewares.use('/network.json', answerNetwork),
  configurePreviewServer: ({ middlewares }) => void middlewares.use('/network.json', answerNetwork),
}

/** Package → one that depends on the version to take. */
const ONCE = {
  uint8arrays: 'libp2p',
  uint8arraylist: 'libp2p',
  '@noble/ciphers': '@noble/post-quantum/ml-kem.js',
}

/** Of packages that libp2p's noise and yamux want in an older version than everything else, a page takes the newer one, once: 12 kB less. */
const once: Plugin = {
  name: 'once',
  enforce: 'pre',
  resolveId(source) {
    const found = Object.entries(ONCE).find(([name]) => source === name || source.startsWith(`${name}/`))
    if (!found) return null
    return this.resolve(source, fileURLToPath(import.meta.resolve(found[1])), { skipSelf: true })
  },
}

/** `npx vite examples/page`: the messenger of docs/sdk.md. Proving runs in a module worker; the circuit's files are fetched. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  plugins: [network, once],
  worker: { format: 'es' },
  build: { target: 'es2024', assetsInlineLimit: 0, emptyOutDir: true },
})
