/** The simulators of the comparison, by name; the first is ours. */
import type { HoldSimulator } from './hold-model.ts'
import { holdSimjs } from './simjs.ts'
import { holdSimscript } from './simscript.ts'
import { holdVirtual } from './virtual.ts'

export const SIMULATORS: Readonly<Record<string, HoldSimulator>> = {
  mmgather: holdVirtual,
  simjs: holdSimjs,
  simscript: holdSimscript,
}
