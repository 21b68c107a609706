import { z } from 'zod'

/** A PostgreSQL database (14 or newer) that several node processes may share as their archive. */
export const PostgresConfig = z.strictObject({
  engine: z.literal('postgres'),
  /** `postgres://USER@HOST:PORT/DATABASE`. Leave the password to PGPASSWORD or a password file (PGPASSFILE). */
  url: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Connections of this process at most. */
  connections: z.int().min(2).default(10),
  connectMs: z.int().positive().default(5_000),
  /** Milliseconds that one statement may take. */
  statementMs: z.int().positive().default(10_000),
  /** How long a write or a query is tried again when the connection breaks or the server restarts. */
  retryMs: z.int().min(0).default(5_000),
  /** Seconds of messages in one partition; old ones are dropped whole. Decided when the tables are created. */
  partitionSeconds: z.int().positive().default(86_400),
})
export type PostgresConfig = z.output<typeof PostgresConfig>
