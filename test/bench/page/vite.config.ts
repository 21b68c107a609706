import { defineConfig } from 'vite'

/** The circuit's files are fetched, not inlined. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { target: 'es2024', assetsInlineLimit: 0, emptyOutDir: true },
})
