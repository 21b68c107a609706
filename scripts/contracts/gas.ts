import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const HARDHAT = join(ROOT, 'node_modules/hardhat/dist/src/cli.js')

/**
 * Measures the gas of whole transactions (test/contracts/gas) and compares it with, or writes it to,
 * `snapshots/` and `.gas-snapshot`. Returns what hardhat printed if it differs or fails, undefined if all is well.
 */
export function gasSnapshots(check: boolean): string | undefined {
  const flag = check ? '--snapshot-check' : '--snapshot'
  const args = [
    HARDHAT,
    'test',
    'solidity',
    ...globSync('test/contracts/gas/*.t.sol', { cwd: ROOT }).sort(),
    flag,
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? undefined : `${stdout}${stderr}`
}
