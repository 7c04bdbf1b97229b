/**
 * Names as charts show them.
 */

/** Long names are shortened where a chart has no room for them; what turns text around is left out. */
export function shortened(text: string, charsMax: number): string {
  const chars = Array.from(text.replaceAll(/\p{Bidi_Control}/gu, ''))
  return chars.length <= charsMax ? chars.join('') : `${chars.slice(0, charsMax - 1).join('')}…`
}
