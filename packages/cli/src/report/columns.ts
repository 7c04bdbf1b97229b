/**
 * Rows of text as aligned columns without borders, two spaces apart.
 */
import { type ColumnUserConfig, getBorderCharacters, table } from 'table'

export type Alignment = 'left' | 'right'

/** Lines without trailing spaces. `widths`: the least width of each column. */
export function columns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  widths: readonly number[] = [],
  gap = 2,
): string[] {
  if (rows.length === 0) return []
  const settings = alignments.map((alignment, i): ColumnUserConfig => {
    const widest = Math.max(...rows.map((row) => row[i]?.length ?? 0))
    return {
      alignment,
      width: Math.max(widest, widths[i] ?? 0, 1),
      paddingRight: i === alignments.length - 1 ? 0 : gap,
    }
  })
  const text = table(
    rows.map((row) => [...row]),
    {
      border: getBorderCharacters('void'),
      columnDefault: { paddingLeft: 0 },
      columns: settings,
      drawHorizontalLine: () => false,
    },
  )
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trimEnd())
}
