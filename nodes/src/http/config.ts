import { z } from 'zod'

/** Shortest token that is taken, in characters; the ones that the node makes have 43 (32 random bytes). */
const MIN_TOKEN_LENGTH = 32

/** Where the node answers its operator over HTTP, whom, and how much. Times in milliseconds. Described in docs/api.md. */
export const ApiConfig = z.strictObject({
  /** Anything but loopback needs `token` or `tokenFile`, and then every route but health asks for the token. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.int().min(0).max(65_535).default(0),
  /** What `Authorization: Bearer` has to carry. Better in `tokenFile`, or in TEAHOUSE_API__TOKEN. */
  token: z.string().min(MIN_TOKEN_LENGTH).max(1_024).regex(/^\S+$/, 'must be without spaces').optional(),
  /** File with the token, mode 0600; made when it isn't there. `api.token` in the data folder without it. */
  tokenFile: z.string().min(1).optional(),
  /** Asks for the token on loopback too, as when a proxy on the same machine lets others in. */
  tokenForAll: z.boolean().default(false),
  /** Origins of web pages that may read answers, such as `https://console.example`. None by default. */
  allowOrigins: z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)).default([]),
  /** Names that the Host header may have beside `localhost` and addresses in digits, as behind a proxy. */
  allowHosts: z.array(z.string().min(1).toLowerCase()).default([]),
  maxConnections: z.int().positive().default(128),
  /** Requests a second from one address on average, and in a burst. */
  requestsPerSecond: z.number().positive().default(100),
  requestsBurst: z.int().positive().default(400),
  /** Bytes of a request's body: one message of 150 KiB in base64, and its other fields. */
  maxBodyBytes: z
    .int()
    .positive()
    .default(256 * 1024),
  /** Bytes of stored messages in one answer, at most; before base64. */
  maxPageBytes: z
    .int()
    .positive()
    .default(1024 * 1024),
  /** In which a request must be here, and in which its answer must have been taken; then the connection is cut. */
  requestTimeoutMs: z.int().positive().default(10_000),
  answerTimeoutMs: z.int().positive().default(60_000),
  /** What answers under way have when the node stops. */
  stopTimeoutMs: z.int().positive().default(5_000),
  dialTimeoutMs: z.int().positive().default(10_000),
  /** Topics that may be subscribed to; messages and bytes kept of them until they are read. The oldest go first. */
  maxSubscriptions: z.int().positive().default(100),
  keptMessages: z.int().positive().default(1_000),
  keptBytes: z
    .int()
    .positive()
    .default(16 * 1024 * 1024),
})
export type ApiConfig = z.output<typeof ApiConfig>
