/**
 * The colours of pictures, light and dark. They are those of the page (page.css, a test compares).
 *
 * Invariant: no two names of one theme share a colour, so that a colour of the light theme says which of the dark one takes
 * its place.
 */
import type { Colours } from '../colours.ts'

export const LIGHT: Colours = {
  text: '#1c2430',
  muted: '#586374',
  line: '#d7dce3',
  surface: '#ffffff',
  series: [
    '#2f6fd0',
    '#e0722a',
    '#159c79',
    '#b3459a',
    '#8063cc',
    '#b8931d',
    '#cf4343',
    '#62b2d6',
    '#9aa4b1',
    '#3f4f66',
  ],
  ramp: ['#eef3fa', '#b9d2ef', '#6ea5dd', '#2f6fc0', '#123f7e'],
}

export const DARK: Colours = {
  text: '#e4e9f0',
  muted: '#9aa7b8',
  line: '#323c4a',
  surface: '#171d26',
  series: [
    '#6ea3f5',
    '#f0955a',
    '#45c7a2',
    '#dc7fc8',
    '#ab94f0',
    '#dcbb52',
    '#f07f7f',
    '#86cdec',
    '#7d8896',
    '#c3cedd',
  ],
  ramp: ['#1c2735', '#244a78', '#3573b8', '#69a5e8', '#cfe4ff'],
}

/** Each colour with its name, as page.css has it. */
export function namedColours({
  series,
  ramp,
  ...plain
}: Colours): [name: string, colour: string][] {
  return [
    ...Object.entries(plain),
    ...series.map((colour, i): [string, string] => [`series-${i}`, colour]),
    ...ramp.map((colour, i): [string, string] => [`ramp-${i}`, colour]),
  ]
}
