import { concatBytes } from '@noble/hashes/utils.js'
import { contentTree } from '@teahouse/protocol/receipts'
import { type Hex, hexToBytes } from 'viem'
import { FileError } from './errors.ts'
import { LIST_LENGTH, MAX_FILE_BYTES } from './layout.ts'
import { type FileSource, groups, pieces } from './pieces.ts'
import type { Placing, SealedChunk } from './placing.ts'
import { sealChunk } from './seal.ts'

/** Chunks that are sealed and stored together: 1 MiB. */
const GROUP = 16

/** Bytes of the file that are stored, at all copies. */
export type UploadProgress = (storedBytes: number) => void

/** Seals and stores a file, part by part, then the lists that name its parts. The result is what its reference says. */
export async function upload(
  source: FileSource,
  key: Uint8Array,
  { store }: Pick<Placing, 'store'>,
  onProgress?: UploadProgress,
): Promise<{ readonly size: number; readonly root: Hex; readonly chunks: number }> {
  let size = 0
  let chunks = 0

  async function storeLevel(
    level: number,
    data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    stored?: (bytes: number) => void,
  ): Promise<Hex[]> {
    const roots: Hex[] = []
    for await (const group of groups(data, GROUP)) {
      const sealed = group.map((one, at): SealedChunk => {
        const bytes = sealChunk(key, { level, index: roots.length + at }, one)
        return { bytes, root: contentTree(bytes).root }
      })
      await store(sealed)
      roots.push(...sealed.map(({ root }) => root))
      stored?.(group.reduce((sum, { length }) => sum + length, 0))
    }
    chunks += roots.length
    return roots
  }

  let roots = await storeLevel(0, pieces(source), (bytes) => {
    size += bytes
    if (size > MAX_FILE_BYTES)
      throw new FileError('The file is too large', { code: 'FILE_TOO_LARGE', limit: MAX_FILE_BYTES })
    onProgress?.(size)
  })
  for (let level = 1; roots.length > 1; level++) roots = await storeLevel(level, listsOf(roots))
  return { size, root: roots[0]!, chunks }
}

function* listsOf(roots: readonly Hex[]): Generator<Uint8Array> {
  for (let from = 0; from < roots.length; from += LIST_LENGTH)
    yield concatBytes(...roots.slice(from, from + LIST_LENGTH).map((root) => hexToBytes(root)))
}
