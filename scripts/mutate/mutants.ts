import { createHash } from 'node:crypto'
import { type Node, type Span, spanOf, textOf, walk } from './ast.ts'
import { type Change, changes, type Edit } from './operators.ts'
import { callables } from './schemata.ts'

/** One change of one contract file; for a constant, at every place where the constant is used. */
export interface Mutant {
  /** Hash of the file's name, the function around the place, and the change: it lives as long as the function stays as it is. */
  readonly id: string
  /** Function, and what is changed to what in it: it stays when something else in the file changes. */
  readonly name: string
  readonly file: string
  readonly operator: string
  readonly line: number
  readonly before: string
  readonly after: string
  /** Path → what is replaced there. */
  readonly edits: ReadonlyMap<string, readonly Edit[]>
}

export interface Sources {
  readonly trees: ReadonlyMap<string, Node>
  readonly texts: ReadonlyMap<string, string>
}

/** All mutants of `file`, in the order of its syntax tree; the same change of the same place only once. */
export function mutantsOf(file: string, { trees, texts }: Sources): Mutant[] {
  const [tree, text] = [trees.get(file), texts.get(file)]
  if (!tree || text === undefined) return []
  const named = new Map<string, number>()
  const seen = new Set<string>()
  return changes(tree, text).flatMap((change) => {
    const { operator, edit, constant } = change
    const place = `${edit.start}:${edit.end}:${edit.text}`
    if (seen.has(place)) return []
    seen.add(place)
    const edits = constant ? uses(change, constant, trees) : new Map([[file, [edit]]])
    const { before, after, line } = show(text, edit, constant)
    const what = constant ? textOf(constant, 'name') : oneLine(text.slice(edit.start, edit.end))
    const removed = operator.endsWith('removed') && /^0?$/.test(edit.text)
    const around = constant ? undefined : callableAround(tree, edit)
    const where = around ? textOf(around, 'name') || textOf(around, 'kind') : 'contract'
    const base = `${where}: ${what} → ${removed ? 'removed' : oneLine(edit.text)}`
    const times = (named.get(base) ?? 0) + 1
    named.set(base, times)
    const id = hash(file, operator, edit, text, around ?? constant)
    return [
      { id, name: times === 1 ? base : `${base} #${times}`, file, operator, line, before, after, edits },
    ]
  })
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim() || '(nothing)'
}

/** The function or modifier around a place. */
function callableAround(tree: Node, place: Span): Node | undefined {
  return callables(tree).find((node) => spanOf(node).start <= place.start && place.end <= spanOf(node).end)
}

/** Without anything around the place, the whole file is. */
function hash(file: string, operator: string, edit: Edit, text: string, around?: Node): string {
  const { start, end } = around ? spanOf(around) : { start: 0, end: text.length }
  const change = JSON.stringify([file, operator, edit.start - start, edit.end - start, edit.text])
  const sum = createHash('sha256').update(change).update(text.slice(start, end), 'latin1')
  return sum.digest('hex').slice(0, 12)
}

/** The lines that a change touches, before and after it. */
function show(text: string, edit: Edit, constant?: Node): { before: string; after: string; line: number } {
  const start = text.lastIndexOf('\n', edit.start - 1) + 1
  const end = text.indexOf('\n', edit.end) < 0 ? text.length : text.indexOf('\n', edit.end)
  const line = text.slice(0, edit.start).split('\n').length
  const before = oneLine(text.slice(start, end))
  if (constant) return { before, after: `every ${textOf(constant, 'name')} → ${edit.text}`, line }
  return {
    before,
    after: oneLine(text.slice(start, edit.start) + edit.text + text.slice(edit.end, end)),
    line,
  }
}

/** Replaces every use of a constant, in whatever file. */
function uses({ edit }: Change, constant: Node, trees: ReadonlyMap<string, Node>): Map<string, Edit[]> {
  const edits = new Map<string, Edit[]>()
  const value = edit.text
  const add = (path: string, span: Span, text: string): void =>
    void edits.set(path, [...(edits.get(path) ?? []), { start: span.start, end: span.end, text }])
  for (const [path, tree] of trees) {
    for (const [node] of walk(tree)) {
      if (node.nodeType === 'Identifier' && node['referencedDeclaration'] === constant.id)
        add(path, spanOf(node), value)
      if (node.nodeType !== 'InlineAssembly' || !Array.isArray(node['externalReferences'])) continue
      for (const { declaration, src } of node['externalReferences'] as { declaration: number; src: string }[])
        if (declaration === constant.id) add(path, spanOf({ nodeType: '', src }), yul(value))
    }
  }
  return edits
}

/** `(X + 1)` in assembly. */
function yul(value: string): string {
  const [, name, sign] = /^\((\w+) ([+-]) 1\)$/.exec(value) ?? []
  return name ? `${sign === '+' ? 'add' : 'sub'}(${name}, 1)` : `not(${value.replaceAll(/\W/g, '')})`
}
