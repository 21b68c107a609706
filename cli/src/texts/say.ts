/** Values in the places of a text. */
export type Value = string | number | bigint | Said

/** A text with values in it, to be said in the reader's language. Its name in the catalogues is the English text, with {0}, {1} … for the values. */
export interface Said {
  readonly key: string
  readonly values: readonly Value[]
}

/** What a person is shown: a text of ours, or one that is nobody's language (an address, a message), which stays as it is. */
export type Text = string | Said

/** Texts by their English. */
export type Catalogue = Readonly<Record<string, string>>

/** Marks a text of ours, so that it is found in the catalogues; `scripts/check` sees to it that it is there. */
export function say(parts: TemplateStringsArray, ...values: readonly Value[]): Said {
  const key = parts.reduce((text, part, at) => `${text}{${at - 1}}${part}`)
  return { key, values }
}

/** Texts one after another. */
export const joined = (texts: readonly Text[]): Said => ({
  key: texts.map((_, at) => `{${at}}`).join(''),
  values: texts,
})

/** The text in the language of a catalogue; in English without one, or if it has no such text. */
export function shown(text: Text | Value, catalogue?: Catalogue): string {
  if (typeof text !== 'object') return String(text)
  const template = catalogue && Object.hasOwn(catalogue, text.key) ? catalogue[text.key]! : text.key
  return template.replace(/\{(\d{1,2})\}/g, (place, at: string) => {
    const value = text.values[Number(at)]
    return value === undefined ? place : shown(value, catalogue)
  })
}
