import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { billOfMaterials, pack } from './npm.ts'
import { stage } from './stage.ts'
import { writeSums } from './sums.ts'
import { WORKSPACES } from './workspaces.ts'

/** Makes the tarballs, their bill of materials and their sums in a folder, which is emptied first. Throws ReleaseError. */
export async function release(out: string, keyFile?: string): Promise<void> {
  const staged = await mkdtemp(join(tmpdir(), 'teahouse-release-'))
  try {
    await rm(out, { recursive: true, force: true })
    await mkdir(out, { recursive: true })
    await stage(staged)
    for (const workspace of WORKSPACES) await pack(join(staged, workspace), out)
    await writeFile(join(out, 'sbom.cdx.json'), await billOfMaterials())
    await writeSums(out, keyFile)
  } finally {
    await rm(staged, { recursive: true })
  }
}
