/** A node of solc's syntax tree; which fields it has depends on `nodeType`. */
export interface Node {
  readonly nodeType: string
  /** `start:length:file`, in bytes. */
  readonly src: string
  readonly id?: number
  readonly [field: string]: unknown
}

/** Half-open range of bytes in a source file. */
export interface Span {
  readonly start: number
  readonly end: number
}

export function spanOf(node: Node): Span {
  const [start = 0, length = 0] = node.src.split(':').map(Number)
  return { start, end: start + length }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value
}

/** The child `field` of a node, undefined if there is none. */
export function child(node: Node, field: string): Node | undefined {
  const value = node[field]
  return isNode(value) ? value : undefined
}

/** The children in the list `field` of a node; holes (as in `(, x) = f()`) are left out. */
export function children(node: Node, field: string): Node[] {
  const value = node[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function textOf(node: Node, field: string): string {
  const value = node[field]
  return typeof value === 'string' ? value : ''
}

/** solc's name of the type of an expression or a variable, as `uint256` or `struct IEscrow.Terms memory`. */
export function typeOf(node: Node): string {
  const types = node['typeDescriptions']
  return typeof types === 'object' && types !== null && 'typeString' in types ? String(types.typeString) : ''
}

/** Every node below `root` and itself, parents first, each with its ancestors (outermost first). */
export function* walk(root: Node, above: readonly Node[] = []): Generator<[Node, readonly Node[]]> {
  yield [root, above]
  const path = [...above, root]
  for (const value of Object.values(root)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(item)) yield* walk(item, path)
    }
  }
}
