import pg from 'pg'

/** Signature, flags and length of an extension that nobody has: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". */
const HEADER_BYTES = 11 + 4 + 4
const FIELDS_BYTES = 2
const LENGTH_BYTES = 4

/** A COPY whose bytes are kept as they come. */
class CopiedOut extends pg.Query {
  #chunks: Buffer[] = []

  /** Called by pg, which uses the memory of the chunk again. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#chunks.push(Buffer.from(chunk))
  }

  /**
   * Gives what came away. Queries of pg keep each other from the collections of what is young, so that bytes that one of them holds stay until
   * the whole heap is gone through: which then is every half a second, for that alone.
   */
  take(): readonly Buffer[] {
    const chunks = this.#chunks
    this.#chunks = []
    return chunks
  }
}

/**
 * The one value, not null, of a `SELECT` of one row, as PostgreSQL sends it in binary. Results of pg are text, in which bytes take twice their
 * room and most of the time of a page. COPY takes no parameters: the values in `select` must be literals that cannot be anything else.
 */
export async function copyValue(pool: pg.Pool, select: string): Promise<Buffer> {
  const copied = new CopiedOut(`COPY (${select}) TO STDOUT (FORMAT binary)`)
  await (pool.query(copied) as unknown as Promise<unknown>) // @types/pg knows only that a client gives the query back
  // PostgreSQL sends header and row together, and then a trailer: the first chunk is nearly always all that counts.
  const chunks = copied.take()
  return valueIn(chunks[0]!) ?? valueIn(Buffer.concat(chunks))!
}

function valueIn(bytes: Buffer): Buffer | undefined {
  const start = HEADER_BYTES + FIELDS_BYTES + LENGTH_BYTES
  if (bytes.length < start) return undefined
  const end = start + bytes.readInt32BE(start - LENGTH_BYTES)
  return bytes.length < end ? undefined : bytes.subarray(start, end)
}
