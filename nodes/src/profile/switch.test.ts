import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SILENT } from '../net/test-hosts.ts'
import { openChoice } from './choice.ts'
import { budgetsOf, BudgetsConfig } from './config.ts'
import { partsOf, PROFILES, serviceBits, type Part, type Profile } from './profiles.ts'
import { profileSwitch } from './switch.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-profile-'))
  path = join(folder, 'profile.json')
})
afterEach(() => rm(folder, { recursive: true }))

/** Parts that write down what is done with them. */
async function bench(configured: Profile = 'full') {
  const steps: string[] = []
  const running = new Set<Part>()
  const failing = new Set<Part>()
  const part = (name: Part) => ({
    async start() {
      await Promise.resolve()
      if (failing.has(name)) throw new Error(`${name} fails`)
      running.add(name)
      steps.push(`+${name}`)
    },
    async stop() {
      await Promise.resolve()
      running.delete(name)
      steps.push(`-${name}`)
    },
  })
  const names = new Set(PROFILES.flatMap(partsOf))
  const parts = Object.fromEntries([...names].map((name) => [name, part(name)])) as Record<
    Part,
    ReturnType<typeof part>
  >
  const applied: Profile[] = []
  const choice = await openChoice(path, configured, SILENT)
  const profile = profileSwitch({
    parts: () => parts,
    choice,
    applied: (name) => void applied.push(name),
    log: SILENT,
  })
  await profile.start()
  return { profile, steps, running: () => [...running].sort(), failing, applied }
}
const all = (profile: Profile) => [...partsOf(profile)].sort()

describe('a switch of profiles', () => {
  it.each(PROFILES.flatMap((from) => PROFILES.map((to) => ({ from, to }))))(
    'from $from to $to runs exactly its parts, and the new ones before the old ones stop',
    async ({ from, to }) => {
      const { profile, steps, running } = await bench(from)
      expect(running()).toEqual(all(from))
      steps.length = 0
      await profile.switchTo(to)
      expect([profile.current, running()]).toEqual([to, all(to)])
      expect(steps.map((step) => step[0]).join('')).toMatch(/^\+*-*$/)
      await profile.stop()
      expect(running()).toEqual([])
    },
  )

  it('makes one change after the other, whoever asks', async () => {
    const { profile, running, applied } = await bench()
    await Promise.all((['edge', 'relay', 'full', 'store'] as const).map((name) => profile.switchTo(name)))
    expect([profile.current, running()]).toEqual(['store', all('store')])
    expect(applied).toEqual(['full', 'edge', 'relay', 'full', 'store'])
  })

  it('goes back if a part does not start, and says which', async () => {
    const { profile, running, failing, applied } = await bench('relay')
    failing.add('store')
    await expect(profile.switchTo('full')).rejects.toMatchObject({
      detail: { code: 'PART_FAILED', part: 'store' },
    })
    expect([profile.current, running()]).toEqual(['relay', all('relay')])
    expect(applied.at(-1)).toBe('relay')
    failing.clear()
    await profile.switchTo('full')
    expect(running()).toEqual(all('full'))
  })

  it('goes back if the choice can not be written', async () => {
    const { profile, running } = await bench('relay')
    await rm(folder, { recursive: true })
    await expect(profile.switchTo('full')).rejects.toMatchObject({ code: 'ENOENT' })
    expect([profile.current, running()]).toEqual(['relay', all('relay')])
    await writeFile(folder, '')
  })

  it('is refused once the node stops: STOPPING', async () => {
    const { profile, running } = await bench()
    const stopped = profile.stop()
    await expect(profile.switchTo('edge')).rejects.toMatchObject({ code: 'STOPPING' })
    await stopped
    expect(running()).toEqual([])
  })
})

describe('the choice', () => {
  it('is kept over a restart', async () => {
    await (await bench()).profile.switchTo('edge')
    const { profile, running } = await bench()
    expect([profile.current, running()]).toEqual(['edge', all('edge')])
  })

  it('gives way to a configuration that has changed since', async () => {
    await (await bench('full')).profile.switchTo('edge')
    expect((await bench('relay')).profile.current).toBe('relay')
  })

  it('stays when the configuration is read again and says the same, and follows it when it says something else', async () => {
    const { profile } = await bench('full')
    await profile.switchTo('edge')
    await profile.reread('full')
    expect(profile.current).toBe('edge')
    await profile.reread('store')
    expect(profile.current).toBe('store')
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ profile: 'store', configured: 'store' })
  })

  it('of a configuration that was read again is tried again after it failed', async () => {
    const { profile, failing } = await bench('relay')
    failing.add('store')
    await expect(profile.reread('full')).rejects.toMatchObject({ code: 'PART_FAILED' })
    failing.clear()
    await profile.reread('full')
    expect(profile.current).toBe('full')
    await profile.switchTo('edge')
    await profile.reread('full')
    expect(profile.current).toBe('edge')
  })

  it.each(['', '{}', '{"profile":"other","configured":"full"}'])(
    'counts as none if its file holds %j',
    async (text) => {
      await writeFile(path, text)
      expect((await bench('relay')).profile.current).toBe('relay')
    },
  )
})

describe('profiles', () => {
  it.each([
    { profile: 'edge', bits: 4 + 8 },
    { profile: 'relay', bits: 1 },
    { profile: 'store', bits: 1 + 2 },
    { profile: 'full', bits: 1 + 2 + 4 + 8 },
  ] as const)('announce what they serve: $profile is $bits', ({ profile, bits }) => {
    expect(serviceBits(profile)).toBe(bits)
  })

  it('have budgets of which the configuration replaces some; null is no limit', () => {
    const config = BudgetsConfig.parse({ upload: null, connections: 7 })
    expect(budgetsOf('edge', config)).toMatchObject({
      upload: null,
      download: 262_144,
      connections: 7,
      proofCores: 0.25,
    })
    expect(BudgetsConfig.safeParse({ upload: 1_000 }).success).toBe(false)
  })
})
