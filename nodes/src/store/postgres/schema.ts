import type { Pool, PoolClient } from 'pg'
import { ArchiveError } from '../errors.ts'
import { PAGE_FUNCTION } from './page-function.ts'

/** Tables of the archive, one migration an element; never edit one that was released. */
const MIGRATIONS = [
  // Topics are bytes: PostgreSQL's text has no NUL, a content topic may.
  `CREATE TABLE teahouse.messages (
    timestamp bigint NOT NULL,
    hash bytea NOT NULL,
    pubsub_topic bytea NOT NULL,
    content_topic bytea NOT NULL,
    message bytea NOT NULL,
    PRIMARY KEY (timestamp, hash)
  ) PARTITION BY RANGE (timestamp);
  ALTER TABLE teahouse.messages ALTER COLUMN message SET STORAGE EXTERNAL;
  CREATE INDEX ON teahouse.messages (hash);
  CREATE INDEX ON teahouse.messages (pubsub_topic, timestamp, hash);
  CREATE INDEX ON teahouse.messages (pubsub_topic, content_topic, timestamp, hash);
  CREATE TABLE teahouse.partitions (start bigint PRIMARY KEY);
  CREATE TABLE teahouse.totals (
    partition bigint, writer smallint, messages bigint NOT NULL, bytes bigint NOT NULL, PRIMARY KEY (partition, writer)
  );`,
  // Signed roots (nodes/src/roots): whoever shares the archive shares what was said of it.
  `CREATE TABLE teahouse.roots (
    speaker text NOT NULL,
    shard int NOT NULL,
    hour bigint NOT NULL,
    operator bigint NOT NULL,
    count bigint NOT NULL,
    root bytea NOT NULL,
    liability numeric(39) NOT NULL,
    hash_set text NOT NULL,
    PRIMARY KEY (speaker, shard, hour)
  );
  CREATE INDEX ON teahouse.roots (hour) WHERE hash_set <> '';
  CREATE INDEX ON teahouse.roots (hash_set);
  CREATE TABLE teahouse.root_parts (
    hash_set text NOT NULL,
    number int NOT NULL,
    node bytea NOT NULL,
    hashes bytea NOT NULL,
    added timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hash_set, number)
  );
  ALTER TABLE teahouse.root_parts ALTER COLUMN hashes SET STORAGE EXTERNAL;
  CREATE INDEX ON teahouse.root_parts (added) WHERE number = 0;`,
  // Leases of message ids (nodes/src/lease): processes with one node key are one node.
  `CREATE TABLE teahouse.leases (
    node text NOT NULL,
    epoch bigint NOT NULL,
    lease_key bytea NOT NULL,
    first int NOT NULL,
    mark int NOT NULL,
    nonce bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (node, epoch, lease_key)
  );
  CREATE TABLE teahouse.leases_kept_from (node text PRIMARY KEY, epoch bigint NOT NULL);`,
  PAGE_FUNCTION,
]

/** Oldest version that can attach and detach partitions as it is done here. */
const MIN_SERVER = 140_000
/** Key of the advisory lock under which tables and partitions are changed, one process at a time. */
const LOCK = 7_305_438_021

/** What the tables were created with. */
export interface Layout {
  readonly partitionNs: bigint
}

/** Runs `change` as one transaction, alone among all processes that share the archive. */
export async function alone<T>(pool: Pool, change: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const result = await change(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    client.release(true)
    throw error
  }
}

/** Creates the tables or brings them to the newest version. Throws ArchiveError TOO_OLD and TOO_NEW. */
export async function migrate(pool: Pool, where: string, partitionSeconds: number): Promise<Layout> {
  const { rows: server } = await pool.query<{ number: number; version: string }>(
    "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version",
  )
  const { number, version } = server[0]!
  if (number < MIN_SERVER) {
    const text = `${where} is PostgreSQL ${version}; the archive needs version ${MIN_SERVER / 10_000} or newer`
    throw new ArchiveError(text, { code: 'TOO_OLD', found: version })
  }
  return alone(pool, async (client) => {
    await client.query('CREATE SCHEMA IF NOT EXISTS teahouse')
    await client.query(
      'CREATE TABLE IF NOT EXISTS teahouse.archive (version int NOT NULL, partition_ns bigint NOT NULL)',
    )
    const { rows } = await client.query<{ version: number; partition_ns: string }>(
      'SELECT version, partition_ns FROM teahouse.archive',
    )
    const [found = { version: 0, partition_ns: String(BigInt(partitionSeconds) * 1_000_000_000n) }] = rows
    if (found.version > MIGRATIONS.length) {
      const detail = { code: 'TOO_NEW', found: found.version, known: MIGRATIONS.length } as const
      throw new ArchiveError(`${where} was written by a newer version of Teahouse; use that version`, detail)
    }
    for (const sql of MIGRATIONS.slice(found.version)) await client.query(sql)
    if (found.version < MIGRATIONS.length) {
      await client.query('DELETE FROM teahouse.archive')
      await client.query('INSERT INTO teahouse.archive VALUES ($1, $2)', [
        MIGRATIONS.length,
        found.partition_ns,
      ])
    }
    return { partitionNs: BigInt(found.partition_ns) }
  })
}
