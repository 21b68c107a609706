/** Of a file whose type is not known; RFC 2046, 4.5.1. */
export const UNKNOWN_TYPE = 'application/octet-stream'

/** Bytes of UTF-8: file systems take 255, and whoever saves it may add to it. */
const MAX_NAME_BYTES = 180
const MAX_EXTENSION = 16
/** Names of devices, with any extension; "Naming Files, Paths, and Namespaces" of Windows. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
const TRAILING = /[. ]+$/
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/**
 * What a file is called where it is shown and saved, whatever somebody says: one part of a path, that no system takes for a folder, a device
 * or something hidden, without characters that can't be seen or turn the direction of writing. Always the same for its own result.
 */
export function fileName(text: string): string {
  const last = text.slice(0, 4_096).split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .replace(UNSEEN, '')
    .normalize('NFC')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+/, '')
    .replace(TRAILING, '')
  const name = shortened(DEVICE.test(clean) ? `_${clean}` : clean).replace(TRAILING, '')
  return name === '' ? 'file' : name
}

/** Cut in front of the extension, between characters. */
function shortened(name: string): string {
  if (bytesOf(name) <= MAX_NAME_BYTES) return name
  const dot = name.lastIndexOf('.')
  const isExtension = dot > 0 && name.length - dot <= MAX_EXTENSION
  const extension = isExtension ? name.slice(dot) : ''
  let stem = ''
  for (const character of isExtension ? name.slice(0, dot) : name) {
    if (bytesOf(stem + character + extension) > MAX_NAME_BYTES) break
    stem += character
  }
  return stem + extension
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/

/** A media type in lower case and without parameters (RFC 6838, 4.2); `UNKNOWN_TYPE` for what is none. */
export function mediaType(text: string): string {
  const type = text.slice(0, 256).split(';')[0]!.trim().toLowerCase()
  return TYPE.test(type) ? type : UNKNOWN_TYPE
}
