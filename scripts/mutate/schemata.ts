import { child, children, type Node, type Span, spanOf, textOf, walk } from './ast.ts'
import type { Edit } from './operators.ts'

/**
 * One source that holds many mutants ("mutant schemata"): which of them runs is decided by `block.coinbase`, 0 for none, so that
 * all are compiled at once. A function becomes a switch over private copies of itself, one a mutant; constructors and modifiers,
 * which cannot be copied, get the switch around each statement.
 */
export interface Variant {
  /** 1, 2, …: the coinbase that switches it on. */
  readonly number: number
  readonly edits: readonly Edit[]
}

export interface Schemata {
  readonly source: string
  /** Where the copy of each variant lies in `source`, to say which one an error of the compiler is about. */
  readonly places: readonly (Span & { readonly number: number })[]
  /** Where each function or modifier with variants lies in `source`, copies and all. */
  readonly switches: readonly (Span & { readonly callable: number })[]
  /** Variants that have no place here: they change something that is not code, like an initial value. */
  readonly homeless: readonly number[]
}

const SWITCH = '_activeMutant'

/** A free function, readable in pure functions too: the type of a function pointer is what the compiler goes by. */
function switchSource(name: string): string {
  return `
function ${name}View() view returns (uint256) { return uint160(address(block.coinbase)); }
function ${name}() pure returns (uint256) {
    function() view returns (uint256) looks = ${name}View;
    function() pure returns (uint256) pretends;
    assembly { pretends := looks }
    return pretends();
}
`
}

/** A text that is put together piece by piece and remembers where variants lie in it. */
class Writer {
  text = ''
  readonly places: (Span & { number: number })[] = []

  write(text: string, number?: number): void {
    if (number !== undefined)
      this.places.push({ number, start: this.text.length, end: this.text.length + text.length })
    this.text += text
  }
}

export function apply(text: string, range: Span, edits: readonly Edit[]): string {
  const sorted = edits.filter((edit) => within(edit, range)).sort((a, b) => a.start - b.start)
  let out = ''
  let at = range.start
  for (const edit of sorted) {
    out += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return out + text.slice(at, range.end)
}

export function within(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end
}

/**
 * Puts all variants into the file `text` (a character a byte) whose syntax tree is `root`; `id` makes its names its own. The
 * functions `inPlace` (ids of the tree) are not copied but switched statement by statement: a call of a copy pushes the arguments
 * again, which is too much for the stack if there are many.
 */
export function schemata(
  root: Node,
  text: string,
  variants: readonly Variant[],
  id: string,
  inPlace: ReadonlySet<number> = new Set(),
): Schemata {
  const name = `${SWITCH}${id}`
  const out = new Writer()
  const switches: (Span & { callable: number })[] = []
  const housed = new Map<number, number>()
  let at = 0
  for (const callable of callables(root)) {
    const span = spanOf(callable)
    const copied = callable['kind'] === 'function' && !inPlace.has(callable.id ?? 0)
    const scope =
      copied || callable['kind'] === 'constructor' ? span : spanOf(child(callable, 'body') ?? callable)
    const here = variants.filter(({ edits }) => edits.some((edit) => within(edit, scope)))
    if (here.length === 0) continue
    out.write(text.slice(at, span.start))
    const start = out.text.length
    if (copied) copyFunction(callable, text, here, name, out)
    else switchStatements(callable, text, here, name, out)
    switches.push({ start, end: out.text.length, callable: callable.id ?? 0 })
    for (const { number, edits } of here)
      housed.set(number, (housed.get(number) ?? 0) + edits.filter((edit) => within(edit, scope)).length)
    at = span.end
  }
  out.write(text.slice(at) + switchSource(name))
  const homeless = variants.filter(({ number, edits }) => housed.get(number) !== edits.length)
  return { source: out.text, places: out.places, switches, homeless: homeless.map(({ number }) => number) }
}

/** Functions with a body and modifiers, in their order in the file. */
export function callables(root: Node): Node[] {
  return [...walk(root)]
    .map(([node]) => node)
    .filter(
      (node) => /^(Function|Modifier)Definition$/.test(node.nodeType) && child(node, 'body') !== undefined,
    )
    .sort((a, b) => spanOf(a).start - spanOf(b).start)
}

function copyFunction(
  node: Node,
  text: string,
  variants: readonly Variant[],
  name: string,
  out: Writer,
): void {
  const span = spanOf(node)
  const body = spanOf(child(node, 'body') ?? node)
  const modifiers = children(node, 'modifiers').map(spanOf)
  const parameters = children(child(node, 'parameters') ?? node, 'parameters')
  const unnamed = parameters.filter((parameter) => textOf(parameter, 'name') === '')
  const namesGiven = unnamed.map((parameter) => {
    const { end } = spanOf(parameter)
    return { start: end, end, text: ` unnamed${parameter.id ?? 0}` }
  })
  const args = parameters
    .map((parameter) => textOf(parameter, 'name') || `unnamed${parameter.id ?? 0}`)
    .join(', ')
  const results = child(node, 'returnParameters')
  const returns = results !== undefined && children(results, 'parameters').length > 0
  const copy = (number: number): string => `${textOf(node, 'name')}${name}_${node.id ?? 0}_${number}`
  const call = (number: number): string =>
    returns ? `return ${copy(number)}(${args});` : `{ ${copy(number)}(${args}); return; }`
  const head = { start: span.start, end: body.start }
  const bare = apply(text, head, [...namesGiven, ...modifiers.map((at) => ({ ...at, text: '' }))])
  const numbers = variants.map(({ number }) => number).sort((a, b) => a - b)
  out.write(`${bare}{ ${choose(numbers, name, call)} }\n`)

  const list = spanOf(child(node, 'parameters') ?? node)
  const signature = apply(text, list, namesGiven)
  const mutability = ['pure', 'view'].includes(textOf(node, 'stateMutability'))
    ? textOf(node, 'stateMutability')
    : ''
  const answer = returns && results ? `returns ${text.slice(spanOf(results).start, spanOf(results).end)}` : ''
  const isFree = textOf(node, 'visibility') === 'internal' && textOf(node, 'kind') === 'freeFunction'
  const write = (number: number, edits: readonly Edit[]): void => {
    const guards = modifiers.map((at) => apply(text, at, edits)).join(' ')
    const visibility = isFree ? '' : 'private'
    out.write(
      `function ${copy(number)}${signature} ${visibility} ${mutability} ${guards} ${answer} ${apply(text, body, edits)}\n`,
      number === 0 ? undefined : number,
    )
  }
  write(0, [])
  for (const { number, edits } of variants) write(number, edits)
}

/** A binary search for the active mutant, so that a function with a hundred of them stays cheap to call. */
function choose(numbers: readonly number[], name: string, call: (number: number) => string): string {
  const [first] = numbers
  if (first === undefined) return call(0)
  if (numbers.length === 1) return `if (${name}() == ${first}) ${call(first)} ${call(0)}`
  const middle = numbers.length >> 1
  const [low, high] = [numbers.slice(0, middle), numbers.slice(middle)]
  return `if (${name}() < ${high[0] ?? 0}) { ${choose(low, name, call)} } else { ${choose(high, name, call)} }`
}

function switchStatements(
  node: Node,
  text: string,
  variants: readonly Variant[],
  name: string,
  out: Writer,
): void {
  const span = spanOf(node)
  const bodyNode = child(node, 'body') ?? node
  const body = spanOf(bodyNode)
  const head = { start: span.start, end: body.start }
  const inHead = variants.flatMap(({ number, edits }) =>
    edits.filter((edit) => within(edit, head)).map((edit) => ({ number, edit })),
  )
  out.write(
    node['kind'] === 'constructor' ? switchExpressions(text, head, inHead, name) : apply(text, head, []),
  )
  let at = body.start
  for (const statement of children(bodyNode, 'statements')) {
    const place = statementSpan(statement, text)
    const here = variants.filter(({ edits }) => edits.some((edit) => within(edit, place)))
    if (here.length === 0) continue
    out.write(text.slice(at, place.start))
    switchStatement(statement, place, text, here, name, out)
    at = place.end
  }
  out.write(text.slice(at, span.end))
}

/** With the semicolon, which solc leaves out of a statement's range. */
function statementSpan(node: Node, text: string): Span {
  const { start, end } = spanOf(node)
  return { start, end: text[end] === ';' ? end + 1 : end }
}

function switchStatement(
  statement: Node,
  place: Span,
  text: string,
  variants: readonly Variant[],
  name: string,
  out: Writer,
): void {
  const value = child(statement, 'initialValue')
  let target = ''
  let keep = place
  if (statement.nodeType === 'VariableDeclarationStatement' && value) {
    // The names must outlive the switch: `T x = a;` becomes `T x; if (…) { x = b; } else { x = a; }`.
    const declared = statement['declarations'] as (Node | null)[]
    for (const node of declared) if (node) out.write(`${text.slice(spanOf(node).start, spanOf(node).end)}; `)
    const names = declared.map((node) => (node ? textOf(node, 'name') : ''))
    target = `${names.length === 1 ? (names[0] ?? '') : `(${names.join(', ')})`} = `
    keep = { start: spanOf(value).start, end: place.end }
  }
  for (const { number, edits } of variants) {
    out.write(`if (${name}() == ${number}) { `)
    const removed = target !== '' && !edits.every((edit) => within(edit, keep))
    out.write(removed ? '' : target + apply(text, keep, edits), number)
    out.write(' } else ')
  }
  out.write(`{ ${target}${text.slice(keep.start, keep.end)} }`)
}

/** For heads of constructors: each changed expression becomes a choice between it and what it was. */
function switchExpressions(
  text: string,
  range: Span,
  edits: readonly { number: number; edit: Edit }[],
  name: string,
): string {
  const joined = new Map<string, Edit>()
  for (const { number, edit } of edits) {
    const key = `${edit.start}:${edit.end}`
    const before = joined.get(key)?.text ?? text.slice(edit.start, edit.end)
    joined.set(key, { ...edit, text: `(${name}() == ${number} ? ${edit.text} : ${before})` })
  }
  return apply(text, range, [...joined.values()])
}
