/**
 * How often functions of real kernels ran while a mapping was torn down. (ORIGIN says where the counts come from.)
 *
 * `~` marks counts on which the repeats did not agree; they are medians. `-`: could not be observed. tp_NAME is a
 * tracepoint. The emulator has no cycles and no real contention: these are counts, not costs.
 *
 * Conditions: the workers are in a memcg of their own. The mapping lies alone in its PGD entry, 1-GiB aligned; three pages
 * of another VMA, which stays, were touched after it. pcp high was 6,986 pages.
 */

export const ORIGIN: string =
  "Debian's Linux 6.1.192 and 6.12.117 for amd64, in an emulated machine of 2 CPUs (QEMU TCG, one NUMA node, no swap " +
  'device, no paravirt, MGLRU off); kprobe histograms keyed by process, in task context; the median of at least three repeats'

export const REAL_KERNELS = ['6.1', '6.12'] as const
export type RealKernel = (typeof REAL_KERNELS)[number]

export interface RealCount {
  readonly kernel: RealKernel
  readonly workload: string
  readonly function: string
  readonly hits: number
  readonly repeatsAgree: boolean
}

const LINUX_6_1 = `
function                   W0/munmap_untouched W0/exit W1/munmap W2/munmap W4/munmap W5/munmap W10/n1 W10/n7 W10/n8 W10/n510 W10/n518 W10/n1028 W10/n5100 W10/n9698
page_remove_rmap                             0     191      1024     65536        64     32768      1      7      8      510      518      1028      5100      9698
__tlb_remove_page_size                       0     201      1028     65666        66     32834      4     10     11      513      522      1033      5112      9719
tlb_batch_pages_flush                        1       2         1         7         1         4      1      1      1        1        1         1         1         2
flush_tlb_mm_range                           1       2         1         7         1         4      1      1      1        1        1         1         1         2
tp_tlb_flush                                 1       1         1         7         1         4      1      1      1        1        1         1         1         2
free_pages_and_swap_cache                    0       4         3       136         2        69      1      2      2        2        3         4        12        22
free_swap_cache                              0     201      1028     65666        66     32834      4     10     11      513      522      1033      5112      9719
lru_add_drain                                1       5         4       137         3        70      2      3      3        3        4         5        13        23
release_pages                                1       5         4       137         3        70      2      3      3        3        4         5        13        23
folio_lruvec_lock_irqsave                    1       7        34      2063        65        65      2      2      2       18       18        34       162       306
free_unref_page_list                         1       5         4       137         3        70      2      3      3        3        4         5        13        23
free_unref_page                              0       1         3        19       129        83      0      1      1        1        2         3        11        19
free_pcppages_bulk                           0       0         0        34       17~        17      0      0      0        0        0         0         0         6
free_one_page                                0       0         0         0         0         0      0      0      0        0        0         0         0         0
__mem_cgroup_uncharge_list                   1       5         4       137         3        70      2      3      3        3        4         5        13        23
__mem_cgroup_uncharge                        0       0         0         0        64        64      0      0      0        0        0         0         0         0
uncharge_batch                               0       7         3       136        65        65      1      2      2        2        3         4        12        22
uncharge_folio                               0     27~      1028     65666        66       130      4     10     11      513      522      1033      5112      9719
page_counter_uncharge                        0       4         3       136        66        65      1      2      2        2        3         4        12        22
deferred_split_huge_page                     0       0         0         0         0     32768      0      0      0        0        0         0         0         0
__mod_lruvec_page_state                      0      28      1027     65665       193     32833      3      9     10      512      521      1032      5111      9718
lock_page_memcg                              0     191      1024     65536        64     32768      1      7      8      510      518      1028      5100      9698
tlb_gather_mmu                               1       0         1         1         1         1      1      1      1        1        1         1         1         1
tlb_finish_mmu                               1       1         1         1         1         1      1      1      1        1        1         1         1         1
unmap_page_range                             1      11         1         1         1         1      1      1      1        1        1         1         1         1
___pte_free_tlb                              0       4         2       128         0        64      1      1      1        1        2         3        10        19
___pmd_free_tlb                              0       3         1         1         1         1      1      1      1        1        1         1         1         1
___pud_free_tlb                              0       3         1         1         1         1      1      1      1        1        1         1         1         1
folio_batch_move_lru                         1       1         1         1         1         1      1      1      1        1        1         1         1         1
lru_add_fn                                   3       3         7         4         3         3      4     10     11        3       11        11         3        11
tp_mm_page_alloc                             -       1         3        19         1        19      -      1      1        1        2         3        11        19
tp_mm_page_free                              -     28~      1031     65685       131       149      4     11     12      514      524      1036      5123      9738
tp_mm_page_free_batched                      -     27~      1028     65666         2        66      4     10     11      513      522      1033      5112      9719
`

const LINUX_6_12 = `
function                       W0/munmap_untouched W0/exit W1/munmap W2/munmap W4/munmap W5/munmap W13/order2 W13/order6 W10/n1 W10/n7 W10/n8 W10/n510 W10/n518 W10/n1028 W10/n5100 W10/n9698
folio_remove_rmap_ptes                           0     191      1024     65536         0        64       4096        256      1      7      8      510      518      1028      5100      9698
folio_remove_rmap_pmd                            0       0         0         0        64         0          0          0      0      0      0        0        0         0         0         0
__tlb_remove_page_size                           0      10         4       130        66        66         34         34      3      3      3        3        4         5        12        21
__tlb_remove_folio_pages                         0     191      1024     65536         0        64       4096        256      1      7      8      510      518      1028      5100      9698
flush_tlb_mm_range                               1       2         1         7         1         1          1          1      1      1      1        1        1         1         1         2
tp_tlb_flush                                     1       1         1         7         1         1          1          1      1      1      1        1        1         1         1         2
free_pages_and_swap_cache                        0       4         4       136         2         2         18          3      1      2      2        2        3         4        12        22
free_swap_cache                                  0     201      1028     65666        66       130       4130        290      4     10     11      513      522      1033      5112      9719
lru_add_drain                                    1       5         5       137         3         3         19          4      2      3      3        3        4         5        13        23
release_pages                                    0       0         0         0         0         0          0          0      0      0      0        0        0         0         0         0
folio_lruvec_lock_irqsave                        1      7~        36      2195         4         4        147         11      2      2      3       19       20        37       173       327
free_unref_folios                                0       3        36      2198         3         6        147         11      1      2      2       18       19        36       172       327
free_unref_page                                  0       1         3        19        65         1         17          2      0      1      1        1        2         3        11        19
free_pcppages_bulk                               0      1~         0       24~       14~       13~       261~          0      0      0      0        0        0         0        0~        1~
free_one_page                                    0       0         0         0         0         0          0        256      0      0      0        0        0         0         0         0
__mem_cgroup_uncharge                            0       0         0         0         0         0          0          0      0      0      0        0        0         0         0         0
uncharge_batch                                   0      6~        36      2198         3         6        147         11      1      2      2       18       19        36       172       327
uncharge_folio                                   0     26~      1028     65666        66       130       4130        290      4     10     11      513      522      1033      5112      9719
page_counter_uncharge                            0       3        36      2198         4         6        147         11      1      2      2       18       19        36       172       327
deferred_split_folio                             0       0         0         0         0         0          0          0      0      0      0        0        0         0         0         0
__folio_unqueue_deferred_split                   0       0         0         0        64        64          0          0      0      0      0        0        0         0         0         0
__lruvec_stat_mod_folio                          0      32      1028     65666       194       130       4130        290      4     10     11      513      522      1033      5112      9719
tlb_gather_mmu                                   1       0         1         1         1         1          1          1      1      1      1        1        1         1         1         1
tlb_finish_mmu                                   1       1         1         1         1         1          1          1      1      1      1        1        1         1         1         1
unmap_page_range                                 1      11         1         1         1         1          1          1      1      1      1        1        1         1         1         1
___pte_free_tlb                                  0       4         2       128         0        64         32         32      1      1      1        1        2         3        10        19
___pmd_free_tlb                                  0       3         1         1         1         1          1          1      1      1      1        1        1         1         1         1
___pud_free_tlb                                  0       3         1         1         1         1          1          1      1      1      1        1        1         1         1         1
folio_batch_move_lru                             1       1         1         1         1         1          1          1      1      1      1        1        1         1         1         1
tp_mm_page_alloc                                 -       1         3        19         1         1         17          2      -      1      1        1        2         3        11        19
tp_mm_page_free                                  -     27~      1031     65685       131       131       4147        292      4     11     12      514      524      1036      5123      9738
tp_mm_page_free_batched                          -     26~      1028     65666        66       130       4130         34      4     10     11      513      522      1033      5112      9719
`

/** Every count, in the order of the tables, workload by workload. */
export function realCounts(): RealCount[] {
  return [...countsOf('6.1', LINUX_6_1), ...countsOf('6.12', LINUX_6_12)]
}

function countsOf(kernel: RealKernel, table: string): RealCount[] {
  const [head = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/))
  return head.slice(1).flatMap((workload, column) =>
    rows.flatMap((row) => {
      const cell = row[column + 1] ?? '-'
      if (cell === '-') return []
      const hits = Number.parseInt(cell, 10)
      return [{ kernel, workload, function: row[0] ?? '', hits, repeatsAgree: !cell.endsWith('~') }]
    }),
  )
}
