/** A line of the text format: name, labels, value. */
export interface Line {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? ([+-]?[0-9.e+-]+|[+-]Inf|NaN)$`, 's')
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y
const COMMENT = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`, 's')

/** Reads Prometheus' text format as strictly as its specification says, independently of what writes it. Throws at the first line that is none. */
export function parseExposition(text: string): { types: Map<string, string>; lines: Line[] } {
  const types = new Map<string, string>()
  const lines: Line[] = []
  if (text !== '' && !text.endsWith('\n')) throw new SyntaxError('does not end with a line')
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = COMMENT.exec(line)
    if (comment?.[1] === 'TYPE') types.set(comment[2]!, comment[3]!)
    if (comment) continue
    const sample = SAMPLE.exec(line)
    if (!sample) throw new SyntaxError(`no sample: ${line}`)
    lines.push({
      name: sample[1]!,
      labels: labelsOf(sample[2] ?? ''),
      value: Number(sample[3]!.replace('Inf', 'Infinity')),
    })
  }
  return { types, lines }
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const found = LABEL.exec(text)
    if (!found) throw new SyntaxError(`no labels: ${text}`)
    labels[found[1]!] = found[2]!.replace(/\\(.)/gs, (_all, next: string) => (next === 'n' ? '\n' : next))
  }
  return labels
}
