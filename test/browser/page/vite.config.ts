import { defineConfig } from 'vite'

/** Proving runs in a module worker; the circuit's files are fetched, not inlined. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { target: 'es2024', assetsInlineLimit: 0, emptyOutDir: true },
})
