import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  readSnapshot,
  readSnapshotHeader,
  SNAPSHOT_HEADER_BYTES,
  type Snapshot,
  SnapshotError,
  type SnapshotHeader,
  snapshotSize,
} from '@teahouse/protocol/rln'
import type { Logger } from 'pino'

/** Snapshots in the data folder, one file a block. */
export interface SnapshotFiles {
  /** Headers of all that are there, newest block first; files that can't be read are put away. */
  list(): SnapshotHeader[]
  /** The whole snapshot of a header in the list; undefined if it is damaged, and then it is put away. */
  read(header: SnapshotHeader): Snapshot | undefined
  /** Up to `length` bytes of a snapshot's file. */
  chunk(header: SnapshotHeader, offset: number, length: number): Uint8Array
  /** On disk when it returns. Older ones go, but for the newest from before `keepBefore` (unix seconds). */
  save(header: SnapshotHeader, bytes: Uint8Array, keepBefore: number): void
  remove(header: SnapshotHeader): void
  /** Removes those of blocks above `number`. */
  removeAbove(number: bigint): void
}

const NAME = /^(\d+)\.snapshot$/

/** Keeps snapshots in `folder`, which is made when the first is saved. */
export function snapshotFiles(folder: string, log: Logger): SnapshotFiles {
  const pathOf = ({ blockNumber }: SnapshotHeader) => join(folder, `${blockNumber}.snapshot`)
  let known: SnapshotHeader[] | undefined

  function scan(): SnapshotHeader[] {
    const headers = names().flatMap((name): SnapshotHeader[] => {
      const path = join(folder, name)
      try {
        const header = readSnapshotHeader(readPart(path, 0, SNAPSHOT_HEADER_BYTES))
        if (pathOf(header) === path) return [header]
      } catch (err) {
        if (!(err instanceof SnapshotError)) throw err
        log.warn({ err, path }, 'Removed a snapshot that cannot be read')
      }
      rmSync(path, { force: true })
      return []
    })
    return headers.sort((a, b) => (a.blockNumber > b.blockNumber ? -1 : 1))
  }

  function names(): string[] {
    try {
      return readdirSync(folder).filter((name) => NAME.test(name))
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw err
    }
  }

  const list = (): SnapshotHeader[] => (known ??= scan())

  function remove(header: SnapshotHeader): void {
    rmSync(pathOf(header), { force: true })
    known = list().filter(({ blockNumber }) => blockNumber !== header.blockNumber)
  }

  return {
    list,
    read(header) {
      try {
        return readSnapshot(readFileSync(pathOf(header)))
      } catch (err) {
        log.warn({ err, block: Number(header.blockNumber) }, 'Removed a damaged snapshot')
        remove(header)
        return undefined
      }
    },
    chunk: (header, offset, length) =>
      readPart(pathOf(header), offset, Math.min(length, snapshotSize(header) - offset)),
    save(header, bytes, keepBefore) {
      mkdirSync(folder, { recursive: true })
      writeDurably(folder, pathOf(header), bytes)
      const before = list().filter(({ blockNumber }) => blockNumber !== header.blockNumber)
      const settled = [header, ...before].find(({ timestamp }) => timestamp < keepBefore)
      known = [header, ...before].sort((a, b) => (a.blockNumber > b.blockNumber ? -1 : 1))
      for (const old of before) if (old !== settled) remove(old)
    },
    remove,
    removeAbove(number) {
      for (const header of list()) if (header.blockNumber > number) remove(header)
    },
  }
}

function readPart(path: string, offset: number, length: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
  } finally {
    closeSync(file)
  }
}

/** Either the whole file is there after a crash, or nothing of it. */
function writeDurably(folder: string, path: string, bytes: Uint8Array): void {
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w')
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  const directory = openSync(folder, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
