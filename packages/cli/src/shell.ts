/**
 * Writes command lines that a shell reads back as the same words.
 */

export function shellCommand(words: readonly string[]): string {
  return words.map((word) => shellWord(word)).join(' ')
}

function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}
