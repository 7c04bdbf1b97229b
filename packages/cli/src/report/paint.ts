/**
 * Colour, which only a terminal gets, and only if NO_COLOR is not set.
 */
import process from 'node:process'
import { styleText } from 'node:util'

export type Style = 'bold' | 'green' | 'red' | 'yellow'
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

/** For text that goes to `stream`. An empty NO_COLOR counts as not set, as no-color.org has it. */
export function paintFor(stream: { isTTY?: boolean }): Paint {
  const wanted = stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : plain
}
