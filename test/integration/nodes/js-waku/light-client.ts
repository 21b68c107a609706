import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FIXTURE = fileURLToPath(new URL('fixture', import.meta.url))
const INSTALLED = fileURLToPath(new URL('../../../../.teahouse/js-waku', import.meta.url))

/** The page of the client, once it is installed. */
export const LIGHT_CLIENT_PAGE = join(INSTALLED, 'page')

/** What `fixture/client.mjs` can be told to do, and what it answers. */
export interface Tasks {
  push: { task: { text: string; legacy?: boolean }; answer: { successes: number; failures: string[] } }
  received: { task: { count: number }; answer: string[] }
  query: { task: { forward: boolean; page: number }; answer: string[] }
  lookup: { task: { text: string }; answer: string[] }
  connected: { task: object; answer: string[] }
  discovered: {
    task: { count: number }
    answer: { peerId: string; addresses: string[]; hasShards: boolean }[]
  }
  stop: { task: object; answer: true }
}

/** An unmodified js-waku light client in a process of its own. */
export interface LightClient {
  ask<Name extends keyof Tasks>(name: Name, task: Tasks[Name]['task']): Promise<Tasks[Name]['answer']>
  stop(): Promise<void>
}

export interface LightClientOptions {
  /** The node to connect to: `/ip4/…/tcp/…/ws/p2p/…`. */
  readonly multiaddr: string
  readonly clusterId: number
  readonly shards: number
  readonly contentTopic: string
  /** Whether it asks its peers for others. */
  readonly exchange?: boolean
}

/** Installs the client from its own lock file into `.teahouse/js-waku`, unless it is there. */
export async function installLightClient(): Promise<void> {
  const lock = await readFile(join(FIXTURE, 'package-lock.json'))
  const wanted = createHash('sha256').update(lock).digest('hex')
  const stamp = join(INSTALLED, 'installed')
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== wanted) {
    await rm(INSTALLED, { recursive: true, force: true })
    await mkdir(INSTALLED, { recursive: true })
    await cp(FIXTURE, INSTALLED, { recursive: true })
    await npmCi(INSTALLED)
    await writeFile(stamp, wanted)
  }
  await cp(FIXTURE, INSTALLED, { recursive: true })
}

/** Starts a client; resolves once it is connected and its filter is subscribed. */
export async function startLightClient(options: LightClientOptions): Promise<LightClient> {
  const child = spawn(process.execPath, ['client.mjs', JSON.stringify(options)], {
    cwd: INSTALLED,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function next(): Promise<Record<string, unknown>> {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`The js-waku client ended:\n${errors}`)
    const answer = JSON.parse(value) as Record<string, unknown>
    if ('error' in answer) throw new Error(`The js-waku client failed: ${String(answer['error'])}`)
    return answer
  }

  const client: LightClient = {
    async ask(name, task) {
      child.stdin.write(`${JSON.stringify({ do: name, ...task })}\n`)
      return (await next())[name] as never
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null) await client.ask('stop', {})
      child.kill()
      await ended
    },
  }
  await next()
  return client
}

/** `npm ci` with the Node that runs this test. npm's own variables would point it at this repository. */
async function npmCi(folder: string): Promise<void> {
  const outer = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'))
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ...Object.fromEntries(outer), PATH: path },
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
  })
  let errors = ''
  npm.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const code = await new Promise((resolve, reject) => npm.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`npm ci of the js-waku client failed:\n${errors}`)
}
