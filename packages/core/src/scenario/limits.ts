/**
 * Hard bounds of a scenario, as numbers that the schema, the checks and the documentation share.
 *
 * Owns the constants only. They come from the machine, not from taste: a PFN has 24 bits in the simulated memmap, user
 * addresses have 47 bits, one PGD entry spans 512 GiB.
 */

export const PAGE_BYTES = 4096

/** Pages that one PMD entry maps. */
export const PMD_PAGES = 512

/** log2 of PMD_PAGES: the order of a folio that a PMD can map. */
export const PMD_ORDER = 9

/** The largest order that the buddy allocator hands out (MAX_ORDER of Linux 6.5, inclusive). */
export const MAX_ORDER = 10

/** Pages in a user address space of 47 bits. */
export const ADDRESS_PAGES: number = 2 ** 35

/** Pages that one PGD entry spans (512 GiB). */
export const PGD_PAGES: number = 2 ** 27

/** PGD entries that one process may use. */
export const MAX_PGD_ENTRIES = 16

/** Page frames in a simulated machine: a PFN has 24 bits (64 GiB). */
export const MAX_PFNS: number = 2 ** 24

/** Where the first VMA of a process starts if the scenario does not say: page of address 0x10000000. */
export const FIRST_START: number = 0x10000000 / PAGE_BYTES

export const MAX_PROCESSES = 100_000

export const MAX_MEMCGS = 4000

export const INT32_MAX: number = 2 ** 31 - 1
