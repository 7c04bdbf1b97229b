/**
 * Short ways to capture a fake system and to look at what came out.
 */
import type { RunInput, VmaInput } from '@mmgather/core'
import { type Capture, captureProcesses } from '../../src/capture/capture.ts'
import { CaptureError } from '../../src/capture/capture-error.ts'
import type { CaptureOptions } from '../../src/capture/options.ts'
import { captureToYaml } from '../../src/capture/scenario-yaml.ts'
import { parseScenarioText } from '../../../core/src/scenario/parse-scenario.ts'
import { fakeProc, type FakeFrame, type FakeProcess, type FakeVma } from './fake-proc.ts'

/** Captures; what is written must be a valid scenario file, whatever the test is about. */
export function capture(options: Partial<CaptureOptions>): Capture {
  const captured = captureProcesses({ pids: [], anonymize: false, ...options })
  parseScenarioText(captureToYaml(captured))
  return captured
}

/** Captures one process, pid 7, with these VMAs and frames. */
export function captureVmas(
  vmas: FakeVma[],
  frames: FakeFrame[],
  more: Partial<FakeProcess> = {},
): Capture {
  const roots = fakeProc({ processes: [{ pid: 7, vmas, ...more }], frames })
  return capture({ pids: [7], ...roots })
}

export function vmasOf(captured: Capture, process = 0): VmaInput[] {
  return captured.scenario.processes[process]?.vmas ?? []
}

export function runsOf(captured: Capture, vma = 0, process = 0): RunInput[] | undefined {
  return vmasOf(captured, process)[vma]?.runs
}

export function notesWith(captured: Capture, part: string): string[] {
  return captured.notes.filter((note) => note.includes(part))
}

export function errorOf(run: () => unknown): CaptureError {
  try {
    run()
  } catch (error) {
    if (error instanceof CaptureError) return error
    throw error
  }
  throw new Error('no error was thrown')
}
