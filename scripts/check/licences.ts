import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findings, ROOT, type Result } from './command.ts'

/** Licences that any part of Teahouse may depend on. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
  'WTFPL',
  'Zlib',
]
/** Fine for tools that are never shipped. */
const TOOLS_ONLY = ['Apache-2.0 WITH LLVM-exception', 'BlueOak-1.0.0', 'CC-BY-3.0', 'MPL-2.0', 'Python-2.0']
/**
 * GPL-3.0 tools: circom and its library, snarkjs (keys, ceremony, tests), provers that ours is measured against, and the Signal
 * protocol that our encryption is compared with. Never shipped; why, and what follows for what they make: docs/adr/0003-licences.md.
 */
const GPL_TOOLS =
  /^(snarkjs|r1csfile|ffjavascript|fastfile|wasmbuilder|wasmcurves|circom2|circomlib|circomlibjs|@iden3\/(bigarray|binfileutils)|@zk-kit\/groth16|@privacyresearch\/[a-z0-9-]+)$/
/**
 * Shipped under the MPL-2.0, which reaches no further than their own files, and used as they are: WebRTC's native code, and the name
 * under which package.json puts it in the place of React Native's. docs/adr/0027-transports.md.
 */
const MPL_AS_IT_IS = /^(node-datachannel|@node-datachannel\/[a-z0-9-]+|react-native-webrtc)$/
/** Packages whose package.json names no licence, or an odd one; the licence file in each was read. */
const READ_BY_HAND: Record<string, string> = {
  '@nomicfoundation/ignition-ui': 'MIT',
  esprima: 'BSD-2-Clause',
  memorystream: 'MIT',
}

interface LockEntry {
  version?: string
  license?: string
  link?: boolean
  dev?: boolean
  devOptional?: boolean
}

/** Whether an SPDX expression can be satisfied with `allowed`: one side of an OR, both sides of an AND. */
export function satisfies(expression: string, allowed: readonly string[]): boolean {
  const bare = expression.replaceAll(/[()]/g, '')
  return bare
    .split(/\s+OR\s+/i)
    .some((side) => side.split(/\s+AND\s+/i).every((id) => allowed.includes(id.trim())))
}

/** What package.json says, in the spellings that npm has had over the years. */
export function licenceOf(manifest: { license?: unknown; licenses?: unknown }): string | undefined {
  const name = (value: unknown): string | undefined => {
    if (typeof value === 'string') return value
    if (value && typeof value === 'object' && 'type' in value && typeof value.type === 'string')
      return value.type
    return undefined
  }
  if (Array.isArray(manifest.licenses))
    return manifest.licenses.map(name).filter(Boolean).join(' OR ') || undefined
  return name(manifest.license) ?? name(manifest.licenses)
}

function installedLicence(where: string): string | undefined {
  try {
    return licenceOf(
      JSON.parse(readFileSync(join(ROOT, where, 'package.json'), 'utf8')) as { license?: unknown },
    )
  } catch {
    return undefined // a package of another platform is not installed here; the lock file knows its licence
  }
}

/** Why a package may not be depended on, or undefined when it may. */
export function objection(name: string, licence: string | undefined, shipped: boolean): string | undefined {
  const known = READ_BY_HAND[name] ?? licence
  if (known === undefined) return 'names no licence'
  if (satisfies(known, shipped ? PERMISSIVE : [...PERMISSIVE, ...TOOLS_ONLY])) return undefined
  if (known === 'MPL 2.0' && MPL_AS_IT_IS.test(name)) return undefined
  if (/^GPL-3\.0(-only)?$/.test(known) && !shipped && GPL_TOOLS.test(name)) return undefined
  return `is under ${known}, not allowed for ${shipped ? 'what we ship' : 'a tool'}`
}

/** Checks the licence of every package that package-lock.json names, for every platform. */
export function licences(): Result {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>
  }
  const problems = Object.entries(lock.packages).flatMap(([where, entry]) => {
    if (!where.includes('node_modules/') || entry.link) return []
    const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const shipped = !entry.dev && !entry.devOptional
    const problem = objection(name, entry.license ?? installedLicence(where), shipped)
    return problem === undefined ? [] : [`${name}@${entry.version ?? '?'} ${problem}`]
  })
  return findings([...new Set(problems)].sort())
}
