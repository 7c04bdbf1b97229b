/**
 * Bundles the page of reports: packages/report/dist/report.html, one file with its style and its script, into which
 * mmgather puts the data.
 *
 * The page allows exactly this script, by its hash, and nothing from any network.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

const path = (relative: string) =>
  fileURLToPath(new URL(`../packages/report/${relative}`, import.meta.url))

/** Without the data. */
const PAGE_BYTES_MAX = 1_500_000

async function script(): Promise<string> {
  const bundle = await rolldown({
    input: path('src/page/main.ts'),
    platform: 'browser',
    resolve: { conditionNames: ['@mmgather/source', 'browser', 'import', 'default'] },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  const { output: chunks } = await bundle.generate({
    format: 'iife',
    minify: true,
    comments: false,
  })
  await bundle.close()
  if (chunks.length !== 1) throw new Error('bundle-report: the page must be one script')
  return chunks[0].code
}

function page(code: string): string {
  // what would end the element, or begin a comment that reaches to its end
  if (/<\/script|<!--/i.test(code))
    throw new Error('bundle-report: the script would end its element')
  const parts: Record<string, string> = {
    '{{style}}': readFileSync(path('src/page/page.css'), 'utf8'),
    '{{script}}': code,
    '{{script-hash}}': `'sha256-${createHash('sha256').update(code).digest('base64')}'`,
  }
  const frame = readFileSync(path('src/page/report.html'), 'utf8')
  return frame.replaceAll(/\{\{[\w-]+\}\}/g, (place) => parts[place] ?? place)
}

const html = page(await script())
if (Buffer.byteLength(html) > PAGE_BYTES_MAX)
  throw new Error(
    `bundle-report: the page has ${Buffer.byteLength(html)} bytes, at most ${PAGE_BYTES_MAX} are allowed`,
  )
mkdirSync(path('dist'), { recursive: true })
writeFileSync(path('dist/report.html'), html)
