/** Each character of a name as pinyin without tones, or as it is. */
export type Romanize = (name: string) => readonly string[]

let loading: Promise<Romanize> | undefined

/** Loads the dictionary of pinyin, once, when it is first wanted: it is larger than all the rest. */
export function loadPinyin(): Promise<Romanize> {
  loading ??= import('pinyin-pro').then(
    ({ pinyin }) =>
      (name) =>
        pinyin(name, { toneType: 'none', type: 'array', nonZh: 'consecutive' }),
  )
  return loading
}

/** What a name is found by: itself, its pinyin, and the initials of its pinyin. */
export function searchTextOf(name: string, romanize?: Romanize): string {
  const plain = name.normalize('NFKC').toLowerCase().replaceAll(' ', '')
  if (!romanize || !/\p{Script=Han}/u.test(name)) return plain
  const syllables = romanize(name.normalize('NFKC').toLowerCase())
  const initials = syllables.map((syllable) => syllable.trim()[0] ?? '')
  return [plain, syllables.join('').replaceAll(' ', ''), initials.join('')].join('\n')
}
