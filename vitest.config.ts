import { defineConfig } from 'vitest/config'
import { PATTERNS } from './scripts/test/files.ts'

const NEVER = [
  '**/node_modules/**',
  '.teahouse/**',
  'test/contracts/**',
  'test/integration/nodes/js-waku/fixture/**',
]
/** Only `npm test -- --deep` runs these: they take minutes. */
const DEEP = process.env['TEAHOUSE_DEEP'] === '1' ? [] : ['**/*.deep.test.ts']

/** Two projects: `unit`, and `integration`, which starts real processes and so runs after it. `npm test` runs two files at a time. */
export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          // Files share what they import: half of the time, and a test that leaves something behind is found out.
          isolate: false,
          include: PATTERNS.unit,
          exclude: [...NEVER, ...DEEP],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: PATTERNS.integration,
          exclude: [...NEVER, ...DEEP],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
