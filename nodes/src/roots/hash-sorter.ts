import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_RUN, sortRun } from './sort-run.ts'

const HASH_BYTES = 32
/** Hashes of each run that are in memory while runs are merged. */
const READ_AT_ONCE = 256

/**
 * Sorts any number of hashes in bounded memory: 2 MiB while they come, 8 KiB for each 65,536 of them afterwards (1.2 MiB for ten million).
 * What does not fit goes to a file that has no name, so that no crash leaves it behind.
 */
export interface HashSorter {
  add(hash: Uint8Array): Promise<void>
  /** All of them in ascending order, each once, `size` at a time, joined. Once, after the last `add`. */
  sorted(size: number): AsyncGenerator<Uint8Array>
  close(): Promise<void>
}

/** Sorts in `folder`, by runs of `runLength`. */
export function hashSorter(folder: string, runLength: number = MAX_RUN): HashSorter {
  const run = Buffer.allocUnsafe(runLength * HASH_BYTES)
  const runs: number[] = []
  let count = 0
  let file: FileHandle | undefined

  async function spill(): Promise<void> {
    file ??= await unnamedFile(folder)
    const bytes = sortRun(run, count)
    const from = runs.reduce((sum, length) => sum + length, 0) * HASH_BYTES
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, from + done)).bytesWritten
    runs.push(count)
    count = 0
  }

  async function* merged(): AsyncGenerator<Buffer> {
    const heads = heap()
    let from = 0
    for (const length of runs) {
      const reader = readRun(file!, from, length)
      const { value } = await reader.next()
      if (value) heads.push({ hash: value, reader })
      from += length
    }
    for (let head = heads.first(); head; head = heads.first()) {
      yield head.hash
      const { value } = await head.reader.next()
      if (value) heads.replaceFirst({ hash: value, reader: head.reader })
      else heads.dropFirst()
    }
  }

  return {
    async add(hash) {
      if (count === runLength) await spill()
      run.set(hash, count * HASH_BYTES)
      count += 1
    },
    async *sorted(size) {
      const few = sortRun(run, runs.length === 0 ? count : 0)
      if (runs.length > 0 && count > 0) await spill()
      const all = runs.length === 0 ? slices(few) : merged()
      let batch: Buffer[] = []
      let last: Buffer | undefined
      for await (const hash of all) {
        if (last?.equals(hash)) continue
        last = hash
        batch.push(hash)
        if (batch.length < size) continue
        yield Buffer.concat(batch)
        batch = []
      }
      if (batch.length > 0) yield Buffer.concat(batch)
    },
    async close() {
      await file?.close()
      file = undefined
    },
  }
}

async function unnamedFile(folder: string): Promise<FileHandle> {
  const path = join(folder, `.${randomUUID()}.sort`)
  const file = await open(path, 'wx+', 0o600)
  await rm(path)
  return file
}

function* slices(hashes: Buffer): Generator<Buffer> {
  for (let at = 0; at < hashes.length; at += HASH_BYTES) yield hashes.subarray(at, at + HASH_BYTES)
}

/** The `length` hashes from number `from` on. */
async function* readRun(file: FileHandle, from: number, length: number): AsyncGenerator<Buffer, undefined> {
  for (let at = 0; at < length; at += READ_AT_ONCE) {
    const size = Math.min(READ_AT_ONCE, length - at) * HASH_BYTES
    const bytes = Buffer.allocUnsafeSlow(size)
    for (let done = 0; done < size;)
      done += (await file.read(bytes, done, size - done, (from + at) * HASH_BYTES + done)).bytesRead
    yield* slices(bytes)
  }
  return undefined
}

interface Head {
  readonly hash: Buffer
  readonly reader: AsyncGenerator<Buffer, undefined>
}

/** The heads of the runs, the smallest first. */
function heap() {
  const heads: Head[] = []
  const isLess = (a: number, b: number) => Buffer.compare(heads[a]!.hash, heads[b]!.hash) < 0

  function swap(a: number, b: number): void {
    ;[heads[a], heads[b]] = [heads[b]!, heads[a]!]
  }
  function sink(from: number): void {
    for (let at = from; ;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heads.length && isLess(child, least)) least = child
      if (least === at) return
      swap(at, least)
      at = least
    }
  }

  return {
    first: () => heads[0],
    push(head: Head): void {
      heads.push(head)
      for (let at = heads.length - 1; at > 0 && isLess(at, (at - 1) >> 1); at = (at - 1) >> 1)
        swap(at, (at - 1) >> 1)
    },
    replaceFirst(head: Head): void {
      heads[0] = head
      sink(0)
    },
    dropFirst(): void {
      const last = heads.pop()!
      if (heads.length === 0) return
      heads[0] = last
      sink(0)
    },
  }
}
