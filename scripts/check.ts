/**
 * The static checks that CI runs: `npm run check`, or `npm run check -- lint knip` for some of them.
 *
 * Every step runs even when one before it failed; what failed is listed at the end.
 */
import { STEPS } from './check/steps.ts'

async function main(names: readonly string[]): Promise<number> {
  const isUpdate = names.includes('--update')
  const wanted = names.filter((name) => !name.startsWith('--'))
  const unknown = wanted.filter((name) => !(name in STEPS))
  if (unknown.length > 0) {
    console.error(
      `no check is named ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}`,
    )
    return 2
  }
  const failed: string[] = []
  for (const [name, step] of Object.entries(STEPS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const start = performance.now()
    const error = await step({ isUpdate }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${error === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
    if (error === undefined) continue
    failed.push(name)
    console.log(indent(error instanceof Error ? error.message : 'failed without an error'))
  }
  console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ')
}

process.exitCode = await main(process.argv.slice(2))
