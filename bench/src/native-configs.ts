/**
 * Makes up the configurations on which our counts are compared with those of the native reference.
 *
 * Left out, because there the two models differ and both know it:
 *  - order 1: the kernel keeps the deferred-split link in the third page of a folio, so that order-1
 *    folios are never queued; the C program keeps it in the second and queues them;
 *  - swapcache together with order > 0: the kernel's deferred_split_folio returns early for a folio in
 *    the swap cache; the C program's split queue does not look at the swap cache;
 *  - zone-device pages and the huge zero page: the C program has them by folio number within anonymous
 *    memory, we as mappings of their own;
 *  - files: the C program's have no page-cache reference, and their dirty pages force no flush;
 *  - a hole-every of 1, and with order > 0 so few mapped pages that only one page of a folio were: the
 *    kernel's rule of 6.5 queues such a folio at its last page, the C program asks that something is
 *    left mapped (with every second page or more mapped, order >= 2 has at least two);
 *  - a last page table that holds nothing but a hole: the C program visits it, the kernel has no such
 *    table.
 */
import { Prng } from '../../packages/core/src/lib/prng.ts'
import type { NativeConfig } from '../../packages/core/test/native-ref/native-config.ts'

const PTES_PER_TABLE = 512
const LOCAL_ENTRIES = 8

/** PTEs of all processes: most configurations keep to the first, one in LARGE_EVERY may go to the second. */
const PTES_MAX = 30_000
const PTES_MAX_LARGE = 120_000
const LARGE_EVERY = 20

/** Dealt out in turn; order 0 twice, for it alone has swapcache and lock batching. */
const ORDERS = [0, 0, 2, 3, 4, 5, 6, 7, 8, 9] as const

/** Distances from a boundary: mostly on it and right beside it. */
const NEAR = [-3, -2, -1, -1, 0, 0, 0, 0, 1, 1, 2, 3] as const

export function makeNativeConfigs(seed: number, count: number): NativeConfig[] {
  const prng = new Prng(seed)
  return Array.from({ length: count }, (_, index) => makeConfig(prng, index))
}

function makeConfig(prng: Prng, index: number): NativeConfig {
  const strategy = index % 2 === 0 ? 'baseline' : 'range'
  const order = ORDERS[(index >> 1) % ORDERS.length] ?? 0
  const ptesMax = index % LARGE_EVERY >= LARGE_EVERY - 2 ? PTES_MAX_LARGE : PTES_MAX
  const maxBatches = chance(prng, 30) ? between(prng, 1, 4) : 0
  const pages = makePages(prng, { strategy, order, maxBatches, ptesMax })
  const lruvecs = between(prng, 1, 4)
  const every = (percent: number) =>
    chance(prng, percent) ? between(prng, 2, pick(prng, [4, 12, 40])) : 0
  const config: NativeConfig = {
    strategy,
    order,
    pages,
    procs: between(prng, 1, Math.min(6, Math.max(1, Math.floor(ptesMax / pages)))),
    shared: between(prng, 1, 3),
    lruvecs,
    'lruvec-run':
      lruvecs > 1 && chance(prng, 50) ? pick(prng, [1, 2, 3, 7, 16, 31, 32, 33, 100]) : 0,
    'swap-cluster-max': pick(prng, [1, 2, 8, 31, 32, 33, 128, 1024]),
    'max-batches': maxBatches,
    'pcp-batch': pick(prng, [1, 63, 500]),
    'hole-every': every(40),
    'swapcache-every': order === 0 ? every(60) : 0,
    'mlocked-every': every(30),
    'nolru-every': every(30),
    'dirty-every': every(30),
  }
  if (endsInEmptyTable(config)) config['hole-every'] = 0
  return config
}

function between(prng: Prng, low: number, high: number): number {
  return low + prng.below(high - low + 1)
}

function chance(prng: Prng, percent: number): boolean {
  return prng.below(100) < percent
}

function pick(prng: Prng, choices: readonly number[]): number {
  const choice = choices[prng.below(choices.length)]
  if (choice === undefined) throw new RangeError('nothing to pick from')
  return choice
}

function endsInEmptyTable(config: NativeConfig): boolean {
  const every = config['hole-every']
  return every > 0 && config.pages % PTES_PER_TABLE === 1 && config.pages % every === 0
}

interface PagesOptions {
  strategy: NativeConfig['strategy']
  order: number
  maxBatches: number
  ptesMax: number
}

/** Pages of one process: near a count at which some batch fills up, or any, a multiple of 2^order. */
function makePages(prng: Prng, options: PagesOptions): number {
  const folioPages = 2 ** options.order
  const foliosMax = Math.floor(options.ptesMax / folioPages)
  if (chance(prng, 30)) return between(prng, 1, foliosMax) * folioPages
  const boundaries = batchBoundaries(options)
  const folios = pick(prng, boundaries) + pick(prng, NEAR)
  return Math.min(foliosMax, Math.max(1, folios)) * folioPages
}

/** Counts of folios, within reach, at which a batch fills up or the gather is full. */
function batchBoundaries({ strategy, order, maxBatches, ptesMax }: PagesOptions): number[] {
  const folioPages = 2 ** order
  const perBatch = strategy === 'range' ? 255 : 510
  const batches = maxBatches > 0 ? maxBatches : Math.floor(10_000 / perBatch)
  const boundaries: number[] = []
  for (let filled = 0; filled <= batches; filled++) {
    // Ranges: the last one of a batch is a single page, so each batch cuts a large folio in two.
    const perFill = strategy === 'range' && order > 0 ? perBatch - 1 : perBatch
    const entries = LOCAL_ENTRIES + filled * perFill
    boundaries.push(strategy === 'range' ? entries : Math.round(entries / folioPages))
  }
  const full = boundaries.at(-1) ?? 1
  // The full gather twice more, since what follows a forced flush starts with an empty local batch.
  boundaries.push(full, full, full, full, 2 * full, 2 * full - 1)
  return boundaries.filter((folios) => folios >= 1 && folios * folioPages <= ptesMax)
}
