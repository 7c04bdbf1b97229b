/**
 * Writes command lines that a shell reads back as the same words, and reads back its own.
 */

export function shellCommand(words: readonly string[]): string {
  return words.map((word) => shellWord(word)).join(' ')
}

function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** The words of a command line that shellCommand wrote. */
export function shellWords(command: string): string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? []
  return words.map((word) => word.replaceAll(/'([^']*)'|\\(')/g, '$1$2'))
}
