import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { Command } from 'commander'
import { getAddress, isAddress } from 'viem'
import { z } from 'zod'
import { CliError } from '../errors.ts'
import type { Session } from '../session.ts'

const AddressText = z
  .string()
  .refine((text) => isAddress(text))
  .transform((text) => getAddress(text))
/** A key that is to take the place of the node key. */
const NextKey = z.strictObject({ keyFile: z.string(), node: AddressText, peerId: z.string() })

/** `operator.json`: what the commands of an operator know beside the configuration. Nothing in it is secret. */
const OperatorFile = z.strictObject({
  version: z.literal(1),
  owner: AddressText.optional(),
  node: AddressText,
  peerId: z.string().min(1),
  payee: AddressText,
  /** A rotation that has begun: it is gone on with before anything else. */
  rotation: NextKey.optional(),
})
export type OperatorFile = z.output<typeof OperatorFile>

export interface FolderFlags {
  readonly dir?: string
}

/** Where a node has its configuration, its keys and its data. */
export interface OperatorFolder {
  readonly path: string
  readonly configFile: string
  file(name: string): string
  /** Throws CliError NO_NODE_FOLDER, BAD_OPERATOR_FILE. */
  read(): Promise<OperatorFile>
  write(file: OperatorFile): Promise<void>
}

export const withDir = (command: Command): Command =>
  command.option('--dir <folder>', "the node's folder (default: TEAHOUSE_NODE_DIR, or node)")

/** The folder that the command line or the environment names. */
export function operatorFolder({ world }: Session, { dir }: FolderFlags): OperatorFolder {
  const path = resolve(world.cwd, dir ?? (world.env['TEAHOUSE_NODE_DIR'] || 'node'))
  const operatorFile = join(path, 'operator.json')
  return {
    path,
    configFile: join(path, 'config.json'),
    file: (name) => join(path, name),
    async read() {
      if (!existsSync(operatorFile))
        throw new CliError(`${path} is not the folder of a node`, { code: 'NO_NODE_FOLDER', path })
      try {
        return OperatorFile.parse(JSON.parse(await readFile(operatorFile, 'utf8')))
      } catch (cause) {
        const message = `${operatorFile} can't be read as what \`node init\` writes`
        throw new CliError(message, { code: 'BAD_OPERATOR_FILE', path: operatorFile }, { cause })
      }
    },
    async write(file) {
      const { writeSecretFile } = await import('@teahouse/nodes')
      await mkdir(path, { recursive: true, mode: 0o700 })
      await writeSecretFile(operatorFile, `${JSON.stringify(file, null, 2)}\n`)
    },
  }
}

/** A node's folder, its configuration, and the network that it is part of. */
export interface OpenedFolder {
  readonly folder: OperatorFolder
  readonly operator: OperatorFile
  readonly config: NodeConfig
  readonly network: LocalNetwork & { readonly rpcUrl: string }
}

export type NodeConfig = Awaited<ReturnType<(typeof import('@teahouse/nodes'))['loadConfig']>>

/** Throws CliError NO_NODE_FOLDER, BAD_OPERATOR_FILE; ConfigError. */
export async function openFolder(session: Session, flags: FolderFlags): Promise<OpenedFolder> {
  const folder = operatorFolder(session, flags)
  const operator = await folder.read()
  const { loadConfig } = await import('@teahouse/nodes')
  const config = await loadConfig(folder.configFile, session.world.env)
  const { chainId, contracts, clusterId, shards, rpcUrls } = config
  return {
    folder,
    operator,
    config,
    network: { rpcUrl: rpcUrls[0]!, chainId, contracts, clusterId, shards, nodes: [] },
  }
}
