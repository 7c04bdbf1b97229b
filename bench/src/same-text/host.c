/*
 * What surrounds kernel text that was written as C: the machine's words, accesses, the functions that stay outside the
 * text, and a main that tears down one image of a machine as often as it is asked.
 *
 *   program IMAGE CPUS          reads lines from stdin: `run` restores the image, runs every CPU's processes, one after the
 *                               other, and prints the nanoseconds; `write FILE` writes the machine as it is
 *   program IMAGE CPUS --still  the same with a clock that stands still
 *
 * The names in capitals come from the layout of the machine, by -D.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static char *restrict M;
static int32_t g_cpuSelf, g_spinLimit;

#define WORD(at, offset) ((int32_t *)(M + (uint64_t)(at) + (offset)))
#define ORDER __ATOMIC_SEQ_CST

static inline int32_t word_load(uint32_t at, uint32_t offset) { return *WORD(at, offset); }
static inline void word_store(uint32_t at, uint32_t offset, int32_t value) { *WORD(at, offset) = value; }
static inline int32_t word_atomic_load(uint32_t at, uint32_t offset) {
  return __atomic_load_n(WORD(at, offset), ORDER);
}
static inline void word_atomic_store(uint32_t at, uint32_t offset, int32_t value) {
  __atomic_store_n(WORD(at, offset), value, ORDER);
}
static inline int32_t word_fetch_add(uint32_t at, uint32_t offset, int32_t value) {
  return __atomic_fetch_add(WORD(at, offset), value, ORDER);
}
static inline int32_t word_fetch_sub(uint32_t at, uint32_t offset, int32_t value) {
  return __atomic_fetch_sub(WORD(at, offset), value, ORDER);
}
static inline int32_t word_fetch_and(uint32_t at, uint32_t offset, int32_t value) {
  return __atomic_fetch_and(WORD(at, offset), value, ORDER);
}
static inline int32_t word_fetch_or(uint32_t at, uint32_t offset, int32_t value) {
  return __atomic_fetch_or(WORD(at, offset), value, ORDER);
}
static inline int32_t word_compare_exchange(uint32_t at, uint32_t offset, int32_t expected, int32_t value) {
  __atomic_compare_exchange_n(WORD(at, offset), &expected, value, 0, ORDER, ORDER);
  return expected;
}
/* one thread: nobody sleeps */
static inline int32_t word_notify(uint32_t at, uint32_t offset, int32_t n) {
  (void)at, (void)offset, (void)n;
  return 0;
}

#include "kernel.inc"

static int clock_runs = 1;

static int64_t now_ns(void) {
  if (!clock_runs) return 0;
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static _Noreturn void die(const char *why, int32_t code) {
  fprintf(stderr, "%s (%d)\n", why, (int)code);
  exit(3);
}

/* The words of a lock class's statistics, and of holds: as sync/live-contention.ts. */
#define AT(word) (*WORD((uint32_t)(word) * 4u, 0))
static int64_t held_since;

static void add64(int32_t at, int64_t value) {
  int64_t low = AT(at) + value;
  AT(at) = (int32_t)(low % 0x80000000LL);
  if (low >= 0x80000000LL) AT(at + 1)++;
}

static void host_holdBegin(int32_t lock) {
  if (AT(g_cpuSelf + CPU_HELD_LOCK) != 0) return;
  AT(g_cpuSelf + CPU_HELD_LOCK) = lock;
  held_since = now_ns();
}

static void host_holdEnd(int32_t class) {
  int64_t ns = now_ns() - held_since;
  int32_t held = ns < 0 ? 0 : ns > 0x7fffffff ? 0x7fffffff : (int32_t)ns;
  AT(g_cpuSelf + CPU_HELD_LOCK) = 0;
  int32_t stat = g_cpuSelf + CPU_LOCKSTAT + class * LOCKSTAT_WORDS;
  int32_t samples = ++AT(stat + LS_HOLD_SAMPLES);
  add64(stat + LS_HOLD_TOTAL, held);
  if (samples == 1 || held < AT(stat + LS_HOLD_MIN)) AT(stat + LS_HOLD_MIN) = held;
  if (samples == 1 || held > AT(stat + LS_HOLD_MAX)) AT(stat + LS_HOLD_MAX) = held;
  AT(g_cpuSelf + CPU_HISTOGRAMS + (class * 2 + 1) * HISTOGRAM_WORDS + BUCKET_OF(held))++;
}

/* CPUs run one after the other, so no lock is ever waited for, and nobody gives a run up. */
static void host_beginWait(void) { die("a lock is taken twice", 0); }
static void host_endWait(int32_t class, int32_t spins) { die("a lock is taken twice", class + spins); }
static void host_lookAndNap(int32_t at, int32_t seen, int32_t naps) {
  die("a lock is taken twice", at + seen + naps);
}
static void host_delayNs(int32_t ns) {
  if (clock_runs) die("no delays here", ns);
}
static void host_abortRun(void) { die("aborted", 0); }
static void host_reportBug(int32_t code) { die("kernel BUG", code); }

static char *map(size_t size) {
  char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) die("no memory", 0);
  return at;
}

int main(int argc, char **argv) {
  if (argc < 3) die("usage: program IMAGE CPUS [--still]", argc);
  clock_runs = argc < 4;
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) die("no image", 0);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *image = map(size);
  M = map(size);
  if (fread(image, 1, size, file) != size) die("the image is cut off", 0);
  fclose(file);
  memcpy(M, image, size);
  bind_globals();
  int cpus = atoi(argv[2]);
  char line[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "run") == 0) {
      memcpy(M, image, size);
      struct timespec from, to;
      clock_gettime(CLOCK_MONOTONIC, &from);
      for (int i = 0; i < cpus; i++) {
        g_cpuSelf = g_CPU_BASE + i * g_CPU_STRIDE;
        CPU_MAIN(g_cpuSelf);
      }
      clock_gettime(CLOCK_MONOTONIC, &to);
      printf("%lld\n", (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec);
    } else if (strncmp(line, "write ", 6) == 0) {
      FILE *out = fopen(line + 6, "wb");
      if (out == NULL || fwrite(M, 1, size, out) != size || fclose(out) != 0) die("cannot write", 0);
      printf("0\n");
    } else {
      die("run, or write FILE", 0);
    }
    fflush(stdout);
  }
  return 0;
}
