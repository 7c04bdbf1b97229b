/**
 * The accessed and dirty bits of PTEs, which no file of procfs shows.
 *
 * smaps has sums per VMA. All or nothing is exact as far as it goes (a page also counts as referenced or dirty if the
 * folio's flag is set); in between, the folio's flag decides, or without flags the lowest pages do, so that at least the
 * number is right. Invariant: only file pages in a shared, writable mapping can be dirty. Anonymous pages are not asked:
 * the teardown does not look at their dirty bits, and the file pages of a private mapping are never written to.
 */
import { isShared, kbOf, type SmapsVma } from './vma-list.ts'
import { type FolioTable, KIND_MASK, PROP_DIRTY, PROP_REFERENCED } from './folio-table.ts'
import { cell } from './page-rows.ts'

/** none, all, those whose folio has the flag, or the first so many. */
type Rule = 'none' | 'all' | 'flag' | number

export interface PteBits {
  young: Rule
  dirty: Rule
}

export function pteBitsOf(vma: SmapsVma, flagsRead: boolean): PteBits {
  const rss = kbOf(vma, 'Rss')
  const canBeDirty = isShared(vma) && (vma.flags.has('wr') || vma.perms[1] === 'w')
  const dirty = kbOf(vma, 'Shared_Dirty') + kbOf(vma, 'Private_Dirty')
  return {
    young: ruleOf(kbOf(vma, 'Referenced'), rss, flagsRead),
    dirty: canBeDirty ? ruleOf(dirty, rss, flagsRead) : 'none',
  }
}

export const isPartial = (rule: Rule): boolean => rule !== 'none' && rule !== 'all'

/** `index` counts the present pages of the VMA. */
export function isYoung(bits: PteBits, table: FolioTable, folio: number, index: number): boolean {
  return applies(bits.young, cell(table.props, folio) & PROP_REFERENCED, index)
}

export function isDirty(bits: PteBits, table: FolioTable, folio: number, index: number): boolean {
  const props = cell(table.props, folio)
  return (props & KIND_MASK) !== 0 && applies(bits.dirty, props & PROP_DIRTY, index)
}

function applies(rule: Rule, flag: number, index: number): boolean {
  if (rule === 'none') return false
  if (rule === 'all') return true
  return rule === 'flag' ? flag !== 0 : index < rule
}

function ruleOf(kb: number, rss: number, flagsRead: boolean): Rule {
  if (kb === 0) return 'none'
  if (kb >= rss) return 'all'
  return flagsRead ? 'flag' : Math.ceil(kb / 4)
}
