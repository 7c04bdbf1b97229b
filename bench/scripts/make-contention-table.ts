/**
 * Writes the tables of docs/contention.md anew, from the virtual engine: deterministic, and half a minute of work.
 *
 *   node bench/scripts/make-contention-table.ts && npm run fix
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { contentionTables } from '../src/contention.ts'

const FILE = fileURLToPath(new URL('../../docs/contention.md', import.meta.url))
const BEGIN = '<!-- tables -->\n'
const END = '<!-- end of tables -->\n'

const text = readFileSync(FILE, 'utf8')
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
if (begin < 0 || end < begin) throw new Error(`no place for the tables in ${FILE}`)
const tables = `\n${contentionTables()}\n\n`
writeFileSync(FILE, text.slice(0, begin + BEGIN.length) + tables + text.slice(end))
