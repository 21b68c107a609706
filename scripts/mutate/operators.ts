import { child, children, isNode, type Node, type Span, spanOf, textOf, typeOf, walk } from './ast.ts'

/** One replacement of bytes in the file that the syntax tree is of. */
export interface Edit extends Span {
  readonly text: string
}

/** A change of one place; `constant` is set if what is changed is the value of a constant wherever it is used. */
export interface Change {
  /** Which operator of this list made it. */
  readonly operator: string
  readonly edit: Edit
  readonly constant?: Node
}

const SWAPS: Record<string, readonly string[]> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '<<': ['>>'],
  '>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['!='],
  '!=': ['=='],
  '&&': ['||'],
  '||': ['&&'],
}
const ASSIGNMENTS: Record<string, string> = {
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '%=': '*=',
  '<<=': '>>=',
  '>>=': '<<=',
  '|=': '&=',
  '&=': '|=',
  '^=': '|=',
}
const YUL: Record<string, string> = {
  add: 'sub',
  sub: 'add',
  mul: 'div',
  div: 'mul',
  mod: 'mul',
  lt: 'gt',
  gt: 'lt',
  and: 'or',
  or: 'and',
  shl: 'shr',
  shr: 'shl',
}

/** All changes of one file: every operator at every place where it fits. `text` is the file, a character a byte. */
export function changes(root: Node, text: string): Change[] {
  const found: Change[] = []
  const immutables = new Set(
    [...walk(root)].filter(([node]) => node['mutability'] === 'immutable').map(([{ id }]) => id),
  )
  for (const [node, above] of walk(root)) {
    const add = (operator: string, span: Span, replacement: string): void => {
      if (text.slice(span.start, span.end) !== replacement)
        found.push({ operator, edit: { start: span.start, end: span.end, text: replacement } })
    }
    if (isConstant(node)) {
      for (const value of otherValues(textOf(node, 'name'), typeOf(node))) {
        const edit = { ...spanOf(node), text: value }
        found.push({ operator: 'constant', edit, constant: node })
      }
    }
    if (inCode(above)) change(node, above, { text, immutables }, add)
  }
  return found
}

type Add = (operator: string, span: Span, replacement: string) => void
type Source = (node: Node) => string

interface File {
  readonly text: string
  /** Ids of the immutables that it declares. */
  readonly immutables: ReadonlySet<unknown>
}

function change(node: Node, above: readonly Node[], { text, immutables }: File, add: Add): void {
  const source: Source = (of) => text.slice(spanOf(of).start, spanOf(of).end)
  if (node.nodeType.startsWith('Yul')) return yul(node, source, add)
  const parent = above.at(-1)
  switch (node.nodeType) {
    case 'BinaryOperation':
      return binary(node, source, add)
    case 'UnaryOperation':
      return unary(node, source, add)
    case 'Assignment':
      return assignment(node, text, immutables, add)
    case 'Literal':
      return literal(node, parent, source, add)
    case 'MemberAccess':
      if (['max', 'min'].includes(textOf(node, 'memberName')) && source(node).startsWith('type('))
        add('bound', spanOf(node), `(${source(node)} ${textOf(node, 'memberName') === 'max' ? '-' : '+'} 1)`)
      return
    case 'Conditional':
      return conditional(node, source, add)
    case 'IfStatement':
    case 'WhileStatement':
    case 'ForStatement':
      return guard(node, source, add)
    case 'ModifierInvocation':
      if (node['kind'] === 'modifierInvocation') add('modifier removed', spanOf(node), '')
      return
    case 'EmitStatement':
      return event(node, source, add)
    case 'ExpressionStatement':
      return statement(node, source, add)
    case 'VariableDeclarationStatement':
      return declaration(node, add)
    case 'Return':
      return returned(node, add)
    case 'Break':
      return add('jump', spanOf(node), 'continue')
    case 'Continue':
      return add('jump', spanOf(node), 'break')
    default:
  }
}

/** Where something runs: the body of a function or modifier, or the arguments and modifiers in its head. */
function inCode(above: readonly Node[]): boolean {
  const index = above.findLastIndex(({ nodeType }) => /^(Function|Modifier)Definition$/.test(nodeType))
  const inside = above[index + 1]?.nodeType
  if (index < 0) return false
  return inside === undefined || !/^(ParameterList|OverrideSpecifier|StructuredDocumentation)$/.test(inside)
}

function isConstant(node: Node): boolean {
  return node.nodeType === 'VariableDeclaration' && node['constant'] === true
}

/** Other values of the type of `name`, near it. */
function otherValues(name: string, type: string): string[] {
  if (/^u?int\d*$/.test(type)) return [`(${name} + 1)`, `(${name} - 1)`]
  if (/^bytes\d+$/.test(type)) return [`(~${name})`]
  if (type === 'bool') return [`(!${name})`]
  if (type.startsWith('address')) return [`address(uint160(${name}) ^ 1)`]
  return []
}

function between(left: Node, right: Node): Span {
  return { start: spanOf(left).end, end: spanOf(right).start }
}

function binary(node: Node, source: Source, add: Add): void {
  const [left, right] = [child(node, 'leftExpression'), child(node, 'rightExpression')]
  const operator = textOf(node, 'operator')
  if (!left || !right) return
  const kind = /^[<>=!]=?$/.test(operator)
    ? 'comparison'
    : /^(&&|\|\|)$/.test(operator)
      ? 'boolean'
      : 'arithmetic'
  for (const other of SWAPS[operator] ?? [])
    add(kind, spanOf(node), `${source(left)} ${other} ${source(right)}`)
  if (kind !== 'boolean') return
  add('operand removed', spanOf(node), source(left))
  add('operand removed', spanOf(node), source(right))
}

function unary(node: Node, source: Source, add: Add): void {
  const operand = child(node, 'subExpression')
  if (!operand) return
  const operator = textOf(node, 'operator')
  if (operator === '!' || operator === '-' || operator === '~')
    add('unary removed', spanOf(node), source(operand))
  const other = operator === '++' ? '--' : operator === '--' ? '++' : undefined
  if (other)
    add(
      'arithmetic',
      spanOf(node),
      node['prefix'] === true ? `${other}${source(operand)}` : `${source(operand)}${other}`,
    )
}

function assignment(node: Node, text: string, immutables: ReadonlySet<unknown>, add: Add): void {
  const [left, right] = [child(node, 'leftHandSide'), child(node, 'rightHandSide')]
  if (!left || !right) return
  const operator = textOf(node, 'operator')
  const gap = between(left, right)
  const swap = (other: string): void =>
    add(
      'assignment',
      gap,
      text.slice(gap.start, gap.end).replace(operator, () => other),
    )
  if (operator === '=') {
    // To add to what was there. Not where that is what `write removed` does, or where nothing can have been there.
    const adds = /^u?int\d*$/.test(typeOf(left)) && right.nodeType !== 'TupleExpression'
    if (adds && textOf(right, 'value') !== '0' && !immutables.has(Number(left['referencedDeclaration'])))
      swap('+=')
  } else {
    swap('=')
    const other = ASSIGNMENTS[operator]
    if (other) swap(other)
  }
  if (left.nodeType !== 'TupleExpression') return
  const parts = Array.isArray(left['components']) ? (left['components'] as unknown[]) : []
  for (const part of parts)
    if (isNode(part) && parts.filter(isNode).length > 1) add('write removed', spanOf(part), '')
}

function literal(node: Node, parent: Node | undefined, source: Source, add: Add): void {
  if (parent?.nodeType === 'ArrayTypeName') return
  const kind = textOf(node, 'kind')
  if (kind === 'bool') return add('literal', spanOf(node), source(node) === 'true' ? 'false' : 'true')
  if (kind === 'string') return add('literal', spanOf(node), '""')
  if (kind !== 'number') return
  if (typeOf(node).startsWith('address'))
    return add('literal', spanOf(node), `address(uint160(${source(node)}) ^ 1)`)
  add('bound', spanOf(node), `(${source(node)} + 1)`)
  if (BigInt(typeOf(node).match(/^int_const (\d+)$/)?.[1] ?? 0) > 0n)
    add('bound', spanOf(node), `(${source(node)} - 1)`)
}

function conditional(node: Node, source: Source, add: Add): void {
  const [yes, no] = [child(node, 'trueExpression'), child(node, 'falseExpression')]
  if (!yes || !no) return
  add('condition', spanOf(node), `(${source(yes)})`)
  add('condition', spanOf(node), `(${source(no)})`)
}

function guard(node: Node, source: Source, add: Add): void {
  const condition = child(node, 'condition')
  if (!condition) return
  if (node.nodeType === 'IfStatement') {
    add('condition negated', spanOf(condition), `!(${source(condition)})`)
    add('condition', spanOf(condition), 'true')
  }
  add('condition', spanOf(condition), 'false')
}

/** The default value of a type, or undefined if it has none that can be written down. */
function zero(type: string): string | undefined {
  if (/^(u?int\d*|bytes\d+)$/.test(type)) return `${type}(0)`
  if (type === 'bool') return 'false'
  if (type.startsWith('address payable')) return 'payable(address(0))'
  if (type === 'address') return 'address(0)'
  if (/^(string|bytes)( |$)/.test(type)) return '""'
  const element = type.match(/^(\w+)\[\]/)?.[1]
  if (element) return `new ${element}[](0)`
  const named = type.match(/^(?:contract|enum) ([\w.]+)$/)?.[1]
  return named && `${named}(${type.startsWith('enum') ? '0' : 'address(0)'})`
}

function event(node: Node, source: Source, add: Add): void {
  add('event removed', spanOf(node), '0')
  const call = child(node, 'eventCall')
  const args = call ? children(call, 'arguments') : []
  for (const [index, argument] of args.entries()) {
    const nothing = zero(typeOf(argument))
    if (nothing) add('event argument zeroed', spanOf(argument), nothing)
    const other = args.find((candidate, at) => at > index && typeOf(candidate) === typeOf(argument))
    if (!other) continue
    const middle = source(call ?? node).slice(
      spanOf(argument).end - spanOf(call ?? node).start,
      spanOf(other).start - spanOf(call ?? node).start,
    )
    const span = { start: spanOf(argument).start, end: spanOf(other).end }
    add('event arguments swapped', span, `${source(other)}${middle}${source(argument)}`)
  }
}

function statement(node: Node, source: Source, add: Add): void {
  const expression = child(node, 'expression')
  if (!expression) return
  const { nodeType } = expression
  if (nodeType === 'Assignment') add('write removed', spanOf(expression), '0')
  else if (nodeType === 'UnaryOperation') add('write removed', spanOf(expression), '0')
  else if (nodeType === 'FunctionCall') {
    const name = textOf(child(expression, 'expression') ?? node, 'name')
    add(name === 'require' || name === 'assert' ? 'guard removed' : 'call removed', spanOf(expression), '0')
    const [condition] = children(expression, 'arguments')
    if (name === 'require' && condition)
      add('condition negated', spanOf(condition), `!(${source(condition)})`)
  }
}

function declaration(node: Node, add: Add): void {
  const value = child(node, 'initialValue')
  const declared = Array.isArray(node['declarations'])
    ? (node['declarations'] as unknown[]).filter(isNode)
    : []
  const [only] = declared
  if (!value || !only || declared.length !== 1 || textOf(only, 'storageLocation') === 'storage') return
  if (textOf(only, 'storageLocation') === 'calldata') return
  if (value.nodeType === 'Literal' && /^(0|false)$/.test(textOf(value, 'value'))) return // it is that anyway
  add('write removed', { start: spanOf(only).end, end: spanOf(value).end }, '')
}

function returned(node: Node, add: Add): void {
  const value = child(node, 'expression')
  const nothing = value && value.nodeType !== 'TupleExpression' ? zero(typeOf(value)) : undefined
  if (value && nothing) add('return zeroed', spanOf(value), nothing)
}

function yul(node: Node, source: Source, add: Add): void {
  const value = textOf(node, 'value')
  switch (node.nodeType) {
    case 'YulLiteral':
      if (node['kind'] !== 'number') return
      add('bound', spanOf(node), `add(${value}, 1)`)
      if (BigInt(value) > 0n) add('bound', spanOf(node), `sub(${value}, 1)`)
      return
    case 'YulFunctionCall': {
      const name = child(node, 'functionName')
      const other = name && YUL[textOf(name, 'name')]
      if (name && other) add('arithmetic', spanOf(name), other)
      if (name && textOf(name, 'name') === 'iszero') {
        const [operand] = children(node, 'arguments')
        if (operand) add('unary removed', spanOf(node), source(operand))
      }
      if (name && textOf(name, 'name') === 'eq') add('comparison', spanOf(node), `iszero(${source(node)})`)
      return
    }
    case 'YulExpressionStatement':
      return add('call removed', spanOf(node), '')
    case 'YulAssignment':
      return add('write removed', spanOf(node), '')
    case 'YulIf': {
      const condition = child(node, 'condition')
      if (condition) add('condition negated', spanOf(condition), `iszero(${source(condition)})`)
      return
    }
    default:
  }
}
