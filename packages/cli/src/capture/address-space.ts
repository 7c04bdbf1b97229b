/**
 * Addresses that differ from the captured ones: in an anonymised capture, and where the real ones do not fit a scenario.
 *
 * Kept is what the teardown sees: the order of VMAs, their place within their 2 MiB (a PTE table), and which of them
 * share a PTE table, a PMD table (1 GiB) or a PUD table (512 GiB). Not kept: how large the gaps between them are, and with
 * that what randomisation added. A scenario holds 15 PUD tables per process; a process that has more (language
 * run-times scatter their heaps) gets neighbouring ones merged, its PTE and PMD tables stay as they were.
 *
 * Invariant: VMAs that follow each other without a gap still do, and those that do not, still do not.
 */
import { CaptureError } from './capture-error.ts'

interface Extent {
  first: number
  pages: number
}

/** Tables in a row that must stay in a row, for an extent goes through all of them, and where they begin now. */
interface Chain {
  from: number
  to: number
  moved: number
}

type Move = (table: number) => number

/** PGD entries that a process of a scenario can use. */
export const REGIONS_MAX = 15

const PTE_TABLE_PAGES = 512
const TABLES_PER_PARENT = 512
const PMD_TABLE_PAGES: number = PTE_TABLE_PAGES * TABLES_PER_PARENT
const PUD_TABLE_PAGES: number = PMD_TABLE_PAGES * TABLES_PER_PARENT

/** PUD tables that VMAs in ascending order need. */
export function regionsOf(vmas: Extent[]): number {
  return chainsOf(vmas, PUD_TABLE_PAGES).reduce((sum, chain) => sum + lengthOf(chain), 0)
}

/** New first pages for VMAs in ascending order. */
export function compactAddresses(vmas: Extent[]): number[] {
  const extents = joined(vmas)
  const puds = moveRegions(extents)
  const pmds = moveTables(extents, PMD_TABLE_PAGES, puds)
  const ptes = moveTables(extents, PTE_TABLE_PAGES, pmds)
  return vmas.map(({ first }) => {
    const table = Math.floor(first / PTE_TABLE_PAGES)
    return ptes(table) * PTE_TABLE_PAGES + (first % PTE_TABLE_PAGES)
  })
}

/** The top level. A chain that crosses regions keeps its regions to itself, the others are merged evenly if need be. */
function moveRegions(extents: Extent[]): Move {
  const chains = chainsOf(extents, PUD_TABLE_PAGES)
  const used = regionsOf(extents)
  const alone = chains.filter((chain) => chain.from === chain.to)
  const crossing = chains.length - alone.length
  const groups = used <= REGIONS_MAX ? alone.length : REGIONS_MAX - (used - alone.length) - crossing
  if (groups < Math.min(1, alone.length)) throw tooScattered(used)
  let next = 1
  let seen = 0
  let group = -1
  for (const chain of chains) {
    if (chain.from === chain.to) {
      const own = Math.floor((seen++ * groups) / alone.length)
      chain.moved = own === group ? next - 2 : next
      group = own
    } else {
      chain.moved = next
      group = -1
    }
    // One region is left free, so that extents that were apart do not touch.
    next = chain.moved + lengthOf(chain) + 1
  }
  return moveOf(chains)
}

/** Moves the tables of one level down within their parents. */
function moveTables(extents: Extent[], tablePages: number, movedParent: Move): Move {
  const chains = chainsOf(extents, tablePages)
  let before: Chain | undefined
  for (const chain of chains) {
    const from = Math.floor(chain.from / TABLES_PER_PARENT)
    const place = chain.from % TABLES_PER_PARENT
    const parent = movedParent(from)
    const crosses = Math.floor(chain.to / TABLES_PER_PARENT) !== from
    const lowest = before === undefined ? 0 : lowestAfter(before, chain, parent)
    // A chain that goes on into the next parent must end where this one ends: it cannot move within it.
    const moved = crosses ? place : Math.max(lowest, Math.min(place, 1))
    if (moved + (crosses ? 0 : lengthOf(chain)) > TABLES_PER_PARENT)
      throw tooScattered(regionsOf(extents))
    chain.moved = parent * TABLES_PER_PARENT + moved
    before = chain
  }
  return moveOf(chains)
}

/** The first place in a parent that keeps a free table before the chain, if there was one. */
function lowestAfter(before: Chain, chain: Chain, parent: number): number {
  const end = before.moved + lengthOf(before) - 1
  if (Math.floor(end / TABLES_PER_PARENT) !== parent) return 0
  return (end % TABLES_PER_PARENT) + Math.min(2, chain.from - before.to)
}

const lengthOf = (chain: Chain): number => chain.to - chain.from + 1

/** VMAs without a gap between them, as one extent. */
function joined(vmas: Extent[]): Extent[] {
  const extents: Extent[] = []
  for (const { first, pages } of vmas) {
    const last = extents.at(-1)
    if (last !== undefined && last.first + last.pages === first) last.pages += pages
    else extents.push({ first, pages })
  }
  return extents
}

function chainsOf(extents: Extent[], tablePages: number): Chain[] {
  const chains: Chain[] = []
  for (const { first, pages } of extents) {
    const from = Math.floor(first / tablePages)
    const to = Math.floor((first + pages - 1) / tablePages)
    const last = chains.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else chains.push({ from, to, moved: from })
  }
  return chains
}

/** Looks the table's chain up, by halves. */
function moveOf(chains: Chain[]): Move {
  return (table) => {
    let low = 0
    let high = chains.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((chains[middle]?.to ?? 0) < table) low = middle + 1
      else high = middle
    }
    const chain = chains[low]
    return chain === undefined ? table : chain.moved + (table - chain.from)
  }
}

function tooScattered(regions: number): CaptureError {
  return new CaptureError({
    field: 'pid',
    value: 'address space',
    problem: `it is spread over ${regions} regions of 512 GiB that cannot be merged`,
    allowed: `address spaces that fit ${REGIONS_MAX} such regions`,
    wayOut: 'capture a process with fewer or smaller mappings',
  })
}
