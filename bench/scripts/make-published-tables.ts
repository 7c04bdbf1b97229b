/**
 * Writes the tables of docs/published.md anew, from the virtual engine: deterministic, and some two minutes of work.
 *
 *   node bench/scripts/make-published-tables.ts && npm run fix
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { publishedTables } from '../src/published.ts'

const FILE = fileURLToPath(new URL('../../docs/published.md', import.meta.url))

let text = readFileSync(FILE, 'utf8')
for (const [name, table] of Object.entries(await publishedTables())) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->\n`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no place for the table ${name} in ${FILE}`)
  text = `${text.slice(0, from + begin.length)}\n${table}\n\n${text.slice(to)}`
}
writeFileSync(FILE, text)
