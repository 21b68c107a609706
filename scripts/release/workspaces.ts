import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** What is released, in the order of who needs whom. */
export const WORKSPACES = ['protocol', 'nodes', 'client', 'cli'] as const
export type Workspace = (typeof WORKSPACES)[number]

/** Tests and what helps them: not for people who install. */
const NOT_SHIPPED = /\.test\.ts$|(^|\/)testing\/|(^|\/)test-[a-z-]+\.ts$/

/** Files of a workspace's src that are shipped, relative to it, sorted. */
export function sourcesOf(workspace: Workspace): string[] {
  const src = join(ROOT, workspace, 'src')
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(src.length + 1))
    .filter((file) => !NOT_SHIPPED.test(file))
    .sort()
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

export function manifestOf(workspace: Workspace): Manifest {
  return JSON.parse(readFileSync(join(ROOT, workspace, 'package.json'), 'utf8')) as Manifest
}
