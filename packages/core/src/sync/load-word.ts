/** A word of a machine, read by somebody who is none of its CPUs while they work: the last value of some CPU, in order. */
export function loadWord(words: Int32Array, address: number): number {
  return Atomics.load(words, address)
}
