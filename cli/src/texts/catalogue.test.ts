import { globSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '../command.ts'
import { usage } from '../errors.ts'
import { explain, HINTS, KEPT } from '../explain.ts'
import { createProgram } from '../program.ts'
import type { World } from '../session.ts'
import { runTeahouse } from '../testing/teahouse.ts'
import { languageOf } from './language.ts'
import { recognised, SENTENCES } from './recognised.ts'
import { say, shown, type Catalogue } from './say.ts'
import { zhHans } from './zh-Hans/index.ts'

const SOURCES = join(import.meta.dirname, '..')
const ROOT = join(SOURCES, '../..')
/** Their texts stand beside each other in both languages, and their types see to it that none is missing. */
const TYPED = new Set(['chat'])

/** Every text that help shows, with the command that shows it. */
function helpTexts(command: Command, path: readonly string[] = []): { text: string; at: string }[] {
  const [room = ''] = path
  if (TYPED.has(room)) return []
  const own = [
    command.description(),
    ...command.registeredArguments.map(({ description }) => description),
    ...command.options.map(({ description }) => description),
    ...examplesOf(command).map(([, meaning]) => meaning),
  ]
  const texts = own.filter((text) => text !== '').map((text) => ({ text, at: path.join(' ') }))
  return [...texts, ...command.commands.flatMap((child) => helpTexts(child, [...path, child.name()]))]
}

/** The names in the catalogues of all that the sources mark with `say`, and of numbers with nouns. */
function saidInSources(): { text: string; at: string }[] {
  return globSync('**/*.ts', { cwd: SOURCES, exclude: ['**/*.test.ts'] }).flatMap((at) => {
    const source = ts.createSourceFile(
      at,
      readFileSync(join(SOURCES, at), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    )
    const found: { text: string; at: string }[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'say')
        found.push({ text: keyOf(node.template), at })
      if (ts.isCallExpression(node) && node.expression.getText() === 'counted') {
        const noun = node.arguments[1]
        if (noun && ts.isStringLiteral(noun))
          found.push({ text: `{0} ${noun.text}`, at }, { text: `{0} ${noun.text}s`, at })
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })
}

function keyOf(template: ts.TemplateLiteral): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text
  const parts = [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)]
  return parts.reduce((text, part, at) => `${text}{${at - 1}}${part}`)
}

/** Where libraries say what a person is shown: the sources, and how the sentences are named there. */
const LIBRARIES = [
  { files: 'client/src/exit/plans/*.ts', names: ['does', 'what', 'why', 'then'], calls: { call: 0 } },
  { files: 'client/src/operator/{operator,transactions}.ts', names: ['does'], calls: { call: 1 } },
  { files: 'nodes/src/http/routes/health.ts', names: ['message', 'action'], calls: {} },
] as const

/** Their sentences, with 7 for every value. */
function saidByLibraries(): { text: string; at: string }[] {
  return LIBRARIES.flatMap(({ files, names, calls }) =>
    globSync(files, { cwd: ROOT }).flatMap((at) => {
      const found: { text: string; at: string }[] = []
      /** A sentence, or each of those that a condition chooses from. */
      const take = (node: ts.Expression | undefined): void => {
        if (!node) return
        if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].forEach(take)
        if (ts.isStringLiteralLike(node)) found.push({ text: node.text, at })
        if (ts.isTemplateExpression(node)) found.push({ text: keyOf(node).replace(/\{\d+\}/g, '7'), at })
      }
      const visit = (node: ts.Node): void => {
        const isNamed = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)
        if (isNamed && names.some((name) => name === node.name.getText())) take(node.initializer)
        if (ts.isCallExpression(node) && Object.hasOwn(calls, node.expression.getText()))
          take(node.arguments[calls[node.expression.getText() as keyof typeof calls]])
        ts.forEachChild(node, visit)
      }
      visit(ts.createSourceFile(at, readFileSync(join(ROOT, at), 'utf8'), ts.ScriptTarget.Latest, true))
      return found
    }),
  )
}

const placesOf = (text: string) => [...text.matchAll(/\{\d+\}/g)].map(String).sort()

describe('every text in Simplified Chinese', () => {
  const help = helpTexts(createProgram({} as World))
  const said = saidInSources()
  const hints = [...Object.values(HINTS), KEPT].map((text) => ({ text, at: 'explain.ts' }))

  it('of help, of what commands say, and of hints', () => {
    const all = [...help, ...said, ...hints]
    expect(all.length).toBeGreaterThan(500)
    expect(all.filter(({ text }) => !Object.hasOwn(zhHans, text))).toEqual([])
  })

  it('of what libraries and nodes say of steps, holdings and problems', () => {
    const texts = saidByLibraries()
    expect(texts.length).toBeGreaterThan(50)
    const kept = texts.filter(({ text }) => typeof recognised(text) === 'string')
    expect(kept).toEqual([])
    expect(SENTENCES.filter((text) => !Object.hasOwn(zhHans, text))).toEqual([])
    expect(SENTENCES.length).toBeLessThanOrEqual(new Set(texts.map(({ text }) => text)).size + ROLES)
  })

  it('stands in one file, which the catalogue has', async () => {
    const files = globSync('zh-Hans/*.ts', { cwd: import.meta.dirname, exclude: ['**/index.ts'] })
    const parts = await Promise.all(
      files.map(async (file) =>
        Object.values((await import(join(import.meta.dirname, file))) as Record<string, Catalogue>),
      ),
    )
    const keys = parts.flat().flatMap((part) => Object.keys(part))
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
    expect(new Set(Object.keys(zhHans))).toEqual(new Set(keys))
  })

  it('has the same values in its places', () => {
    const different = Object.entries(zhHans).filter(
      ([english, chinese]) =>
        !/^(error|reason) /.test(english) && placesOf(english).join() !== placesOf(chinese).join(),
    )
    expect(different).toEqual([])
  })

  it('is of an error that has one in English, too', () => {
    const codes = Object.keys(zhHans).flatMap((key) => (key.startsWith('error ') ? [key.slice(6)] : []))
    expect(Object.keys(HINTS).filter((code) => !codes.includes(code) && !UNNAMED.has(code))).toEqual([])
  })
})

/** Of a party of a deal, which stand in a sentence as a value. */
const ROLES = 3

/** Their own words name what is damaged. */
const UNNAMED = new Set(['CUT_OFF', 'DAMAGED'])

describe('--lang', () => {
  const said = (...args: string[]) => runTeahouse(tmpdir(), args)

  it('chooses the language of help and errors, wherever it stands', async () => {
    expect((await said('file', '--lang', 'zh-Hans', '--help')).stdout).toContain('用法：')
    expect((await said('--lang=zh', 'membership', 'join', '--help')).stdout).toContain('每个时段的消息数')
    const { code, stderr } = await said('deal', 'status', 'x', '--lang', 'zh')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^错误：.*不是交易编号\n提示：/)])
    expect((await said('sing', '--lang', 'zh')).stderr).toContain("未知命令 'sing'")
  })

  it('is refused if there are no texts in it', async () => {
    const { code, stderr } = await said('--lang', 'tlh', 'file', '--help')
    expect([code, stderr]).toEqual([2, expect.stringContaining('no texts in "tlh"')])
  })

  it('changes no JSON', async () => {
    const { stderr } = await said('deal', 'status', 'x', '--lang', 'zh', '--json')
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'USAGE', message: '"x" is not the id of a deal' },
    })
  })

  it('falls back to English where a language has no text', () => {
    expect(shown(say`No catalogue has ${'this'}`, zhHans)).toBe('No catalogue has this')
    expect(explain(new Error('odd\nstack'), zhHans).message).toBe('odd')
    expect(languageOf({ LANG: 'zh_TW.UTF-8' })).toBe('en')
  })

  it('puts values into the places of the other language’s order, and never what a value says', () => {
    expect(shown(say`Kept until ${'{1}'} by operators ${'2, 3'}; paid ${'1'} tokens`, zhHans)).toBe(
      '由运营者 2, 3 保存至 {1}；已付 1 个代币',
    )
    expect(explain(usage(say`"${'{0}'}" is not a share`, 'x'), zhHans).message).toBe('"{0}" 不是份额')
  })
})

describe('a sentence of a library', () => {
  it('is said in the other language with its values, also where they are words', () => {
    expect(shown(recognised('deal 0xab as payer'), zhHans)).toBe('交易 0xab（身份：付款方）')
    expect(shown(recognised('challenge 0xab, bond of 0.5 coins'), zhHans)).toBe(
      '质询 0xab，保证金 0.5 个燃料币',
    )
    expect(shown(recognised('stake 1,000.5 tokens'))).toBe('stake 1,000.5 tokens')
  })

  it('that is not known, or has more to it, stays as it is', () => {
    for (const text of ['sing', 'leave now', 'stake 1 tokens and more', ''])
      expect(shown(recognised(text), zhHans)).toBe(text)
  })
})
