/** Two words of English and more, beside commands, what stands in quotes, names of files and of fields. */
export function englishIn(text: string): string[] {
  const bare = text
    .replaceAll(/npm start|teahouse [a-z-]+( [a-z-]+)*/g, '')
    .replaceAll(/"[^"]*"|`[^`]*`|\S*[/.]\S*/g, '')
  return bare.match(/[A-Za-z']{2,}( +[a-z']{2,})+/g) ?? []
}
