/**
 * Collects violations with their positions, as `file:line:column: reason`.
 */
export type At = { readonly start: number }
export type Refuse = (at: At, reason: string) => void

export class Report {
  readonly #file: string
  readonly #text: string
  readonly #found = new Map<string, { start: number; reason: string }>()

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
  }

  readonly refuse: Refuse = ({ start }, reason) => {
    this.#found.set(`${start} ${reason}`, { start, reason })
  }

  lines(): string[] {
    return [...this.#found.values()]
      .sort((a, b) => a.start - b.start)
      .map(({ start, reason }) => `${this.#file}:${this.#position(start)}: ${reason}`)
  }

  #position(start: number): string {
    const before = this.#text.slice(0, start)
    const line = before.split('\n').length
    return `${line}:${start - before.lastIndexOf('\n')}`
  }
}
