/**
 * Test set-up of packages that must stay silent: any use of `console` fails the test that caused it.
 */
import { afterEach, beforeEach, vi } from 'vitest'

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const

let said: string[] = []

beforeEach(() => {
  said = []
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => {
      said.push(`console.${method}(${values.map(String).join(', ')})`)
    })
  }
})

afterEach(() => {
  vi.restoreAllMocks()
  if (said.length > 0) throw new Error(`this package must not write to the console: ${said[0]}`)
})
