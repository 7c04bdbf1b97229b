/**
 * Parts of the kernel text that the native C reference has nothing for, and the text without them: what each costs is what
 * is saved when it is left out.
 *
 * The parts are left out one after the other, each from the text that the ones before have left, so their costs add up. What
 * is left is no kernel any more, but frees every page. Invariant: an edit that does not apply is an error.
 */

interface Edit {
  readonly file: string
  apply(text: string): string
}

export interface Part {
  readonly name: string
  readonly edits: readonly Edit[]
}

const SRC = 'packages/core/src/'

/** The body of a function, replaced. */
function body(file: string, name: string, statements: string): Edit {
  return {
    file: SRC + file,
    apply: (text) => {
      const start = text.indexOf(`function ${name}(`)
      const open = text.indexOf('{\n', start)
      const end = text.indexOf('\n}\n', open)
      if (start < 0 || open < 0 || end < 0) throw new Error(`${file} has no function ${name}`)
      return `${text.slice(0, open + 2)}${statements}${text.slice(end)}`
    },
  }
}

function replace(file: string, from: string, to: string): Edit {
  return {
    file: SRC + file,
    apply: (text) => {
      if (!text.includes(from)) throw new Error(`${file} has no '${from}'`)
      return text.replace(from, to)
    },
  }
}

/** Assertions that only look. */
function withoutChecks(file: string): Edit {
  return {
    file: SRC + file,
    apply: (text) => {
      const left = text.replaceAll(/^(\s*(?:if \(.*\) )?)bugOn\((?!atomic).*\)$/gm, '$1{}')
      if (left === text) throw new Error(`${file} has no assertion`)
      return left
    },
  }
}

/** In the order in which they are left out. */
export const PARTS: readonly Part[] = [
  {
    name: 'assertions, checks of freed pages',
    edits: ['mm/memory.ts', 'mm/mm-inline.ts', 'mm/page-alloc.ts', 'mm/rmap.ts', 'mm/swap.ts'].map(
      withoutChecks,
    ),
  },
  {
    name: 'lock statistics, sampled hold times',
    edits: [
      body('sync/live-spinlock.ts', 'countAcquisition', '  return lockClass | 1'),
      replace(
        'sync/live-spinlock.ts',
        'if (lock === load(cpuSelf() + CPU_HELD_LOCK)) holdEnd(lockClass)',
        '',
      ),
    ],
  },
  {
    name: 'vmstat and LRU sizes',
    edits: [
      body('mm/mm-inline.ts', 'updateLruSize', ''),
      body('mm/vmstat.ts', 'countVmEvents', ''),
      body('mm/vmstat.ts', 'modNodePageState', ''),
    ],
  },
  {
    name: 'memcg uncharging, its pass',
    edits: [
      body('mm/memcontrol.ts', 'memCgroupUnchargeList', ''),
      body('mm/memcontrol.ts', 'memCgroupUncharge', ''),
    ],
  },
  {
    name: 'tail pages made pages of their own',
    edits: [body('mm/page-alloc.ts', 'freeTailPagesPrepare', '')],
  },
  {
    name: 'pcp lock, two passes over freed pages, doubly linked lists',
    edits: [
      replace(
        'mm/swap.ts',
        `    store(folio + PAGE_LRU, pagesToFree)
    pagesToFree = folio + PAGE_LRU
`,
        `    freeUnrefPagePrepare(folio, 0)
    freeUnrefPageCommit(cpu, folio, getPcppageMigratetype(folio), 0)
`,
      ),
      replace(
        'mm/swap.ts',
        'import { freeThePage, freeUnrefPageList }',
        'import { freeThePage, freeUnrefPageCommit, freeUnrefPageList, freeUnrefPagePrepare, getPcppageMigratetype }',
      ),
      replace('mm/page-alloc.ts', 'if (spinTrylock(cpu + PCP_LOCK, PCP_CLASS)) {', 'if (true) {'),
      replace(
        'mm/page-alloc.ts',
        `    freeUnrefPageCommit(cpu, page, migratetype, order)
    spinUnlock(cpu + PCP_LOCK, PCP_CLASS)
`,
        `    freeUnrefPageCommit(cpu, page, migratetype, order)
`,
      ),
      replace(
        'mm/page-alloc.ts',
        'listAdd(page + PAGE_LRU, cpu + PCP_LISTS + pindex * 2)',
        `store(page + PAGE_LRU, load(cpu + PCP_LISTS + pindex * 2))
  store(cpu + PCP_LISTS + pindex * 2, page + PAGE_LRU)`,
      ),
    ],
  },
]

/** The text without the first so many parts. */
export function without(
  parts: number,
  read: (file: string) => string | undefined,
): (file: string) => string | undefined {
  const edits = PARTS.slice(0, parts).flatMap((part) => part.edits)
  const files = new Set(edits.map(({ file }) => file))
  const edited = new Map(
    [...files].map((file) => [
      file,
      edits
        .filter((edit) => edit.file === file)
        .reduce((text, edit) => edit.apply(text), read(file) ?? ''),
    ]),
  )
  return (file) => edited.get(file) ?? read(file)
}
