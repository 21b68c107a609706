import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { ReleaseError } from './errors.ts'
import { ROOT, WORKSPACES } from './workspaces.ts'

/** Runs npm in a folder and gives what it prints. Throws ReleaseError COMMAND_FAILED. */
async function npm(args: readonly string[], cwd: string): Promise<string> {
  const child = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  )
  const output = await text(child.stdout)
  if ((await ended) === 0) return output
  const command = `npm ${args.join(' ')}`
  throw new ReleaseError(`${command} failed`, { code: 'COMMAND_FAILED', command })
}

/** Packs a folder; npm gives all files one date and one owner, so that equal folders become equal bytes. */
export async function pack(folder: string, out: string): Promise<void> {
  await npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', out], folder)
}

/** The bill of materials (CycloneDX) of what is installed with the packages, by the lock file alone: the same on all platforms and at all times. */
export async function billOfMaterials(): Promise<string> {
  const workspaces = WORKSPACES.flatMap((workspace) => ['--workspace', workspace])
  const args = [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--sbom-type',
    'application',
    '--package-lock-only',
    '--omit',
    'dev',
  ]
  const bill = JSON.parse(await npm([...args, ...workspaces], ROOT)) as {
    serialNumber?: string
    metadata: { timestamp?: string; tools?: unknown }
  }
  delete bill.metadata.timestamp
  delete bill.metadata.tools // names the version of npm
  delete bill.serialNumber
  const hex = createHash('sha256').update(JSON.stringify(bill)).digest('hex')
  const uuid = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
  return `${JSON.stringify({ ...bill, serialNumber: `urn:uuid:${uuid}` }, null, 2)}\n`
}
