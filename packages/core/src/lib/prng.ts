/**
 * The seeded pseudo-random numbers of everything that claims to be reproducible.
 *
 * xoshiro128** (Blackman and Vigna, 2018) on 32-bit integers, seeded through splitmix32, so that the same seed gives
 * the same sequence on every engine and machine. No floating point leaves it.
 */

export class Prng {
  private readonly s: Int32Array

  /** @param seed - any int32; neighbouring seeds give unrelated sequences. */
  constructor(seed: number) {
    this.s = new Int32Array(4)
    let x = seed | 0
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) | 0
      let z = x
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      this.s[i] = z ^ (z >>> 15)
    }
  }

  /** The next 32 bits, as an unsigned integer. */
  next(): number {
    const s = this.s
    const [a, b, c, d] = [s[0] ?? 0, s[1] ?? 0, s[2] ?? 0, s[3] ?? 0]
    const x = Math.imul(b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9)
    const c1 = c ^ a
    const d1 = d ^ b
    s[1] = b ^ c1
    s[0] = a ^ d1
    s[2] = c1 ^ (b << 9)
    s[3] = (d1 << 11) | (d1 >>> 21)
    return result >>> 0
  }

  /** A uniform integer in [0, n), 1 <= n <= 2^32, without modulo bias. */
  below(n: number): number {
    const limit = 0x100000000 - (0x100000000 % n)
    for (;;) {
      const x = this.next()
      if (x < limit) return x % n
    }
  }

  /** Fisher-Yates, in place. */
  shuffle(a: Int32Array): void {
    for (let i = a.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const t = a[i] ?? 0
      a[i] = a[j] ?? 0
      a[j] = t
    }
  }
}
