import { parseScenario } from '../../src/index.ts'
const STANDARD = { pcp: { count: 0, high: 65536 }, gatherPages: 'reserve' } as const
export function scenarioOf(input: any) {
  return parseScenario({
    ...input,
    schema: 'mmgather/scenario@1',
    machine: { ...STANDARD, ...input.machine },
  })
}
