/**
 * Keeps text within the width of the report: prose by words, command lines so that a shell still reads them.
 */
import { shellCommand } from '../shell.ts'
import type { Paint } from './paint.ts'

const WIDTH = 80

/** Lines of at most WIDTH characters: the first begins with `first`, the others with `indent`. */
export function wrapWords(text: string, first: string, indent: string): string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  const room = WIDTH - Math.max(first.length, indent.length)
  for (const word of text.split(/\s+/).flatMap((one) => pieces(one, room))) {
    const longer = isEmpty ? line + word : `${line} ${word}`
    if (longer.length <= WIDTH) line = longer
    else {
      lines.push(line)
      line = indent + word
    }
    isEmpty = false
  }
  return [...lines, line.trimEnd()]
}

/** A paragraph for each warning. */
export function warningLines(warnings: readonly string[], paint: Paint): string[] {
  return warnings.flatMap((warning) => {
    const [first = '', ...rest] = wrapWords(warning, 'warning: ', '  ')
    return [first.replace(/^warning:/, (word) => paint('yellow', word)), ...rest]
  })
}

function pieces(word: string, length: number): string[] {
  const count = Math.max(1, Math.ceil(word.length / length))
  return Array.from({ length: count }, (_, i) => word.slice(i * length, (i + 1) * length))
}

/** A command line over several lines that a shell reads as one, each but the last ending in a backslash. */
export function wrapCommand(words: readonly string[]): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    const quoted = shellCommand([word])
    if (line === '') line = `  ${quoted}`
    else if (line.length + 1 + quoted.length <= WIDTH - 2) line += ` ${quoted}`
    else {
      lines.push(`${line} \\`)
      const cut = cutWord(word)
      lines.push(...cut.slice(0, -1).map((piece) => `${piece}\\`))
      line = cut.at(-1) ?? ''
    }
  }
  return [...lines, line]
}

/** A word in pieces that fit a line. Pieces side by side, each quoted by itself, are one word to a shell. */
function cutWord(word: string): string[] {
  const cut: string[] = []
  let rest = Array.from(word)
  while (rest.length > 0) {
    const indent = cut.length === 0 ? '    ' : ''
    let length = Math.min(rest.length, WIDTH)
    while (length > 1 && indent.length + quotedLength(rest, length) > WIDTH - 2) length--
    cut.push(indent + shellCommand([rest.slice(0, length).join('')]))
    rest = rest.slice(length)
  }
  return cut
}

function quotedLength(characters: readonly string[], length: number): number {
  return shellCommand([characters.slice(0, length).join('')]).length
}
