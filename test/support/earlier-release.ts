import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './chain.ts'

/** The sources of an earlier commit beside this one's installed packages. */
export interface EarlierRelease {
  readonly root: string
  remove(): Promise<void>
}

const WORKSPACES = ['protocol', 'nodes', 'client']

/** Whether a commit is in this clone; a shallow one lacks most. */
export function hasCommit(commit: string): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Lays out a commit so that its programs run: its own workspaces, and the packages that are installed here. */
export async function earlierRelease(commit: string): Promise<EarlierRelease> {
  const root = await mkdtemp(join(tmpdir(), 'teahouse-earlier-'))
  const sources = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 1024 ** 3 })
  execFileSync('tar', ['-x', '-C', root], { input: sources })
  await linkPackages(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  for (const workspace of WORKSPACES) {
    await symlink(join(root, workspace), join(root, 'node_modules/@teahouse', workspace))
    const own = join(ROOT, workspace, 'node_modules')
    if (existsSync(own)) await linkPackages(own, join(root, workspace, 'node_modules'))
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) }
}

/** Links each package but our own, which are linked with the sources. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(join(to, '@teahouse'), { recursive: true })
  for (const name of await readdir(from))
    if (name !== '@teahouse') await symlink(join(from, name), join(to, name))
}
