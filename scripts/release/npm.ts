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
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const bill = withoutTools(JSON.parse(await npm([...args, ...workspaces], ROOT)) as Bill)
  delete bill.metadata.timestamp
  delete bill.metadata.tools // names the version of npm
  delete bill.serialNumber
  const hex = createHash('sha256').update(JSON.stringify(bill)).digest('hex')
  const uuid = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5')
  return `${JSON.stringify({ ...bill, serialNumber: `urn:uuid:${uuid}` }, null, 2)}\n`
}

interface Bill {
  serialNumber?: string
  readonly metadata: {
    readonly component: { readonly 'bom-ref': string }
    timestamp?: string
    tools?: unknown
  }
  readonly components: readonly {
    readonly 'bom-ref': string
    readonly properties?: readonly { readonly name: string; readonly value: string }[]
  }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/** Leaves out what only development needs. npm's own `--omit dev` also leaves out what a package and our tools both need. */
function withoutTools(bill: Bill): Bill {
  const components = bill.components.filter(
    ({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'),
  )
  const kept = new Set([...components, bill.metadata.component].map((component) => component['bom-ref']))
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => kept.has(on)) }))
  return { ...bill, components, dependencies }
}
