/**
 * The fixture of the native reference: configurations with the C program's counts, and its text, one
 * case to a line so that a change reads as the cases it changes.
 */
import {
  NATIVE_EVENTS,
  type NativeCase,
  type NativeConfig,
  type NativeEvents,
  type NativeFixture,
  nativeArgs,
} from '../../packages/core/test/native-ref/native-config.ts'
import { makeNativeConfigs } from './native-configs.ts'
import { runNative } from './native.ts'

const SEED = 20_231
const CASES = 200

const ORIGIN =
  'Counts of bench/native/ref.c with --cpus 1, written by bench/scripts/make-native-fixture.ts. ' +
  'They are event counts of a model: compiler, optimisation and machine do not change them.'

export async function makeNativeFixture(): Promise<NativeFixture> {
  const cases: NativeCase[] = []
  for (const config of makeNativeConfigs(SEED, CASES)) {
    cases.push({ config, events: await countNatively(config) })
  }
  return { origin: ORIGIN, seed: SEED, cases }
}

async function countNatively(config: NativeConfig): Promise<NativeEvents> {
  const { events } = await runNative([...nativeArgs(config), '--cpus', '1', '--no-pin'])
  // In the order of the list, without the lock statistics that only several CPUs have.
  return Object.fromEntries(NATIVE_EVENTS.map((event) => [event, events[event]])) as NativeEvents
}

export function printNativeFixture({ origin, seed, cases }: NativeFixture): string {
  const head = `{\n  "origin": ${JSON.stringify(origin)},\n  "seed": ${seed},\n  "cases": [\n`
  return `${head}${cases.map((c) => `    ${JSON.stringify(c)}`).join(',\n')}\n  ]\n}\n`
}
