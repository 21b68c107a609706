import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { lockDataDir } from '../chain/guard.ts'
import { loadConfig, type NodeConfig } from '../config.ts'
import { writeSecretFile } from '../files.ts'
import { BackupError } from './backup-error.ts'
import { markRestored } from './restored.ts'
import { seal, unseal, type SealCost } from './sealed-file.ts'

/** Of the node's folder: configuration, keys, membership. */
const FOLDER_FILE = /^(config\.json|operator\.json|identity\.json|node\.key[\w.]*)$/
/** Of the data folder. What the chain or other nodes can tell again is left out, and so are marks of a clean stop: a copy has none. */
const DATA_FILE = /^(chain|profile|bans|peers)\.json$|^enr\.txt$/
const DATABASE = /^(vouchers|leases|roots|slashing|receipts|challenges|actions|forgotten)\.sqlite$/
const IN_DATA = 'data/'
const CONFIG = 'config.json'

/** What is left out of a copy of a database because it is large and can be done without: proofs of roots. */
const TRIMMED: Readonly<Record<string, string>> = {
  'roots.sqlite': "DELETE FROM parts; UPDATE roots SET hash_set = ''",
}

const Contents = z.strictObject({
  version: z.literal(1),
  files: z.array(
    z.strictObject({
      path: z.string().refine((path) => {
        const name = path.replace(IN_DATA, '')
        return path.startsWith(IN_DATA) ? DATA_FILE.test(name) || DATABASE.test(name) : FOLDER_FILE.test(path)
      }, 'not a file of a node'),
      content: z.base64(),
    }),
  ),
})

export interface BackupOptions {
  /** Of the node: TEAHOUSE_* override its configuration. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cost?: SealCost
}

/**
 * All that a stopped node must not lose, encrypted: configuration, keys, vouchers, leases, receipts, what it has taken on and said of its archive. Not the archive.
 * Throws StorageError LOCKED while the node runs, BackupError INCOMPLETE, ConfigError, and what files throw. Returns what is in it.
 */
export async function backUpNode(folder: string, passphrase: string, { env, cost }: BackupOptions = {}) {
  const config = await loadConfig(join(folder, CONFIG), env)
  const { dataDir } = config
  const locked = await lockDataDir(dataDir)
  try {
    const files: { path: string; content: string }[] = []
    const add = (path: string, content: Buffer) =>
      void files.push({ path, content: content.toString('base64') })
    for (const name of await readdir(folder)) {
      if (FOLDER_FILE.test(name)) add(name, await readFile(join(folder, name)))
    }
    requireKeys(config, new Set(files.map(({ path }) => join(resolve(folder), path))))
    for (const name of await readdir(dataDir)) {
      if (DATA_FILE.test(name)) add(IN_DATA + name, await readFile(join(dataDir, name)))
      if (DATABASE.test(name)) add(IN_DATA + name, await copyOf(join(dataDir, name)))
    }
    const bytes = seal(Buffer.from(JSON.stringify({ version: 1, files })), passphrase, cost)
    return { bytes, files: files.map(({ path }) => path) }
  } finally {
    locked.release()
  }
}

/** A node without its keys is not that node. */
function requireKeys({ keyFile, rln }: NodeConfig, saved: ReadonlySet<string>): void {
  for (const path of [keyFile, rln.identityFile]) {
    if (path === undefined || saved.has(path)) continue
    const message = `${path} would not be in the backup: it has to be in the folder of the node, as node.key… or identity.json`
    throw new BackupError(message, { code: 'INCOMPLETE', path })
  }
}

/** A database as it was committed, its write-ahead log included. */
async function copyOf(path: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-backup-'))
  try {
    const copy = join(folder, basename(path))
    const db = new DatabaseSync(path)
    db.prepare('VACUUM INTO ?').run(copy)
    db.close()
    const trim = TRIMMED[basename(path)]
    if (trim !== undefined) {
      const trimmed = new DatabaseSync(copy)
      trimmed.exec(`${trim}; VACUUM`)
      trimmed.close()
    }
    return await readFile(copy)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface RestoreOptions {
  /** The operator knows that no other node uses this membership any more, so that this one may. */
  readonly adopt: boolean
  /** As of a backup. */
  readonly env?: BackupOptions['env']
}

/**
 * Makes a node's folder of a backup, and tells the node that its books may be older than what was signed since: see `markRestored`. Nothing that is there is
 * replaced. Whenever it is interrupted, what is there is no node that could start with empty books: its keys come last. @throws BackupError NOT_A_BACKUP, CANT_OPEN, NOT_EMPTY.
 */
export async function restoreNode(
  folder: string,
  bytes: Uint8Array,
  passphrase: string,
  { adopt, env }: RestoreOptions,
): Promise<string[]> {
  const files = read(unseal(bytes, passphrase))
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new BackupError(`${folder} is not empty`, { code: 'NOT_EMPTY', path: folder })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { content: settings } = files.find(({ path }) => path === CONFIG)!
  await put(join(folder, CONFIG), settings)
  const { dataDir } = await loadConfig(join(folder, CONFIG), env)
  await mkdir(dataDir, { recursive: true })
  if ((await readdir(dataDir)).some((name) => DATA_FILE.test(name) || name.endsWith('.sqlite'))) {
    await rm(join(folder, CONFIG))
    throw new BackupError(`${dataDir} is not empty`, { code: 'NOT_EMPTY', path: dataDir })
  }
  await markRestored(dataDir) // first: data without it would pass for what the node itself has left
  for (const { path, content } of inOrder(files)) {
    const isIdentity = path === 'identity.json'
    const to = path.startsWith(IN_DATA) ? join(dataDir, path.slice(IN_DATA.length)) : join(folder, path)
    await put(to, isIdentity && adopt ? adopted(content) : content)
  }
  return files.map(({ path }) => path)
}

interface SavedFile {
  readonly path: string
  readonly content: Buffer
}

function read(content: Uint8Array): SavedFile[] {
  try {
    const { files } = Contents.parse(JSON.parse(Buffer.from(content).toString()))
    if (!files.some(({ path }) => path === CONFIG)) throw new SyntaxError('no configuration')
    return files.map(({ path, content: text }) => ({ path, content: Buffer.from(text, 'base64') }))
  } catch {
    throw new BackupError('This is no backup of a node', { code: 'NOT_A_BACKUP' })
  }
}

/** Databases, the rest of the data, keys; what makes it the folder of a node at the end. */
function inOrder(files: readonly SavedFile[]): SavedFile[] {
  const rank = ({ path }: SavedFile): number =>
    path === 'operator.json' ? 3 : !path.startsWith(IN_DATA) ? 2 : path.endsWith('.sqlite') ? 0 : 1
  return files.filter(({ path }) => path !== CONFIG).sort((a, b) => rank(a) - rank(b))
}

function adopted(content: Buffer): Buffer {
  const identity = JSON.parse(content.toString()) as object
  return Buffer.from(`${JSON.stringify({ ...identity, adopt: true })}\n`)
}

async function put(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeSecretFile(path, content)
}
