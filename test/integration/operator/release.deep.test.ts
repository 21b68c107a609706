import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prepareNode, ROOT, startChain, until, type TestChain } from '../../support/index.ts'

const folders: string[] = []
let chain: TestChain | undefined
let node: ChildProcess | undefined
let out: string

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'release-test-'))
  folders.push(made)
  return made
}

/** What a clone of the newest commit releases. */
async function releaseOfClone(): Promise<string> {
  const clone = join(await folder(), 'teahouse')
  execFileSync('git', ['clone', '--quiet', ROOT, clone])
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
  const made = join(await folder(), 'dist')
  execFileSync(process.execPath, ['scripts/release/main.ts', '--out', made], { cwd: clone })
  return made
}

/** Has the compiler look at a program that uses the packages; execFileSync throws with what it finds. */
function checkTypes(home: string): void {
  const program = `
    import { accountFromPhrase, createAccount, type Account } from '@teahouse/client'
    import { createNode } from '@teahouse/nodes'
    import { encodeMessage } from '@teahouse/protocol/wire'
    export const bytes: Uint8Array = encodeMessage({ payload: new Uint8Array(1), contentTopic: '/a/1/b/c' })
    export const made = (): Account => createAccount(accountFromPhrase)
    export const node: number = createNode
  `
  writeFileSync(join(home, 'uses.mts'), program)
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
  const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node']
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...types, 'uses.mts'], {
    cwd: home,
    encoding: 'utf8',
  })
  // The two mistakes are found, so the declarations were: without them everything is `any`.
  expect(
    stdout
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('uses.mts')),
  ).toEqual([
    expect.stringMatching(/^uses\.mts\(6,.*TS2345/),
    expect.stringMatching(/^uses\.mts\(7,.*TS2322/),
  ])
}

const sumsIn = async (path: string) =>
  Promise.all(
    (await readdir(path)).sort().map(async (name) => {
      const digest = createHash('sha256').update(await readFile(join(path, name)))
      return `${digest.digest('hex')}  ${name}`
    }),
  )

beforeAll(async () => {
  out = await releaseOfClone()
}, 600_000)
afterAll(async () => {
  node?.kill('SIGKILL')
  await chain?.stop()
  await Promise.all(folders.map((path) => rm(path, { recursive: true, force: true })))
})

it('is the same bytes of two clones', { timeout: 600_000 }, async () => {
  const sums = await sumsIn(out)
  expect(sums.map((line) => line.slice(66))).toEqual([
    'SHA256SUMS',
    'sbom.cdx.json',
    expect.stringMatching(/^teahouse-\d/),
    expect.stringMatching(/^teahouse-client-/),
    expect.stringMatching(/^teahouse-nodes-/),
    expect.stringMatching(/^teahouse-protocol-/),
  ])
  expect(await sumsIn(await releaseOfClone())).toEqual(sums)
})

it('names in its bill of materials what is installed, and no tool of ours', async () => {
  const { bomFormat, components } = JSON.parse(await readFile(join(out, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string
    components: { name: string }[]
  }
  expect(bomFormat).toBe('CycloneDX')
  const names = components.map(({ name }) => name)
  for (const name of ['libp2p', 'viem', 'fastify', 'zod']) expect(names).toContain(name)
  for (const name of ['vitest', 'eslint', 'hardhat', 'snarkjs']) expect(names).not.toContain(name)
})

it(
  'runs from an empty folder: the command, a node, its threads and its pages',
  { timeout: 600_000 },
  async () => {
    const home = await folder()
    const tarballs = (await readdir(out))
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(out, name))
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    execFileSync('npm', ['install', ...options, ...tarballs], { cwd: home, stdio: 'ignore' })
    const version = execFileSync('npx', ['--no-install', 'teahouse', '--version'], {
      cwd: home,
      encoding: 'utf8',
    })
    expect(version.trim()).toMatch(/^\d+\.\d+\.\d+$/)

    checkTypes(home)
    chain = await startChain()
    const { configFile, config } = await prepareNode(chain)
    const command = join(home, 'node_modules/.bin/teahouse')
    node = spawn(command, ['node', 'run', '--config', configFile], { cwd: home, stdio: 'ignore' })
    const get = (path: string) => fetch(`http://127.0.0.1:${config.api?.port}${path}`)
    await until(
      'the node is ready',
      async () => (await get('/health/ready').catch(() => undefined))?.ok === true,
      90_000,
    )
    expect(await (await get('/metrics')).text()).toContain('teahouse_health{status="ok"} 1')
    expect(await (await get('/')).text()).toContain('/status/page.js')
    expect(((await (await get('/info')).json()) as { archive: object }).archive).toEqual({
      state: 'ok',
      messages: 0,
    })
  },
)
