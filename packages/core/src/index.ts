/**
 * @mmgather/core: the public names, in the order of the flow: scenario, machine, kernel text, report.
 */

// scenario
export { ScenarioError, formatScenarioIssue, type ScenarioIssue } from './scenario/errors.ts'
export { scenarioToInput } from './scenario/input-form.ts'
export { scenarioToText, type ScenarioTextStyle } from './scenario/scenario-text.ts'
export type {
  AnonVmaInput,
  DeviceVmaInput,
  FileObjectInput,
  FileVmaInput,
  FolioPatternInput,
  MachineConfigInput,
  MmapStepInput,
  NamedFoliosInput,
  PcpConfigInput,
  ProcessGroupInput,
  ProgramStepInput,
  RunInput,
  ScenarioInput,
  ScenarioOverrides,
  SelectionInput,
  SpecialVmaInput,
  SwapRunInput,
  TeardownInput,
  TeardownStepInput,
  TunablesInput,
  VmaCommonInput,
  VmaInput,
} from './scenario/input.ts'
export { didYouMean } from './lib/did-you-mean.ts'
export { scenarioJsonSchema } from './scenario/json-schema.ts'
export { overrideScenario } from './scenario/overrides.ts'
export { parseScenario, parseScenarioText } from './scenario/parse-scenario.ts'
export { presets, presetScenario } from './scenario/presets.ts'
export type { Preset } from './scenario/presets/preset.ts'
export {
  SCENARIO_SCHEMA,
  type AnonVma,
  type DeviceVma,
  type FileObject,
  type FileVma,
  type FolioPattern,
  type MachineConfig,
  type MmapStep,
  type NamedFolios,
  type PcpConfig,
  type ProcessGroup,
  type ProgramStep,
  type Run,
  type Scenario,
  type Selection,
  type SpecialVma,
  type SwapRun,
  type TeardownStep,
  type Tunables,
  type Vma,
} from './scenario/scenario.ts'

// machine
export { allocateSharedMemory, type SharedMemory } from './lib/shared-memory.ts'
export type { Census } from './machine/census.ts'
export {
  COUNTER_KEYS,
  EVENT_KEYS,
  LOCK_CLASS_KEYS,
  VMSTAT_KEYS,
  type CounterKey,
  type EventKey,
  type LockClassKey,
  type VmstatKey,
} from './machine/counters.ts'
export type { GlobalName, Globals } from './machine/globals.ts'
export { KERNEL_PARAMETERS } from './machine/limits.ts'
export type { KernelParameters, Limits, Region } from './machine/limits.ts'
export type { ProgramSizes } from './machine/program-sizes.ts'
export { LimitsError, type LimitsErrorDetails } from './machine/limits-error.ts'
export { attachMachine, bindMachine, type Machine } from './machine/machine.ts'

export { describePage } from './machine/verify/describe-page.ts'
export { VERIFY_RULES, type VerifyRule } from './machine/verify/rules.ts'
export { verify, type VerifyOptions } from './machine/verify/verify.ts'
export type { Violation } from './machine/verify/violation.ts'

// kernel text, on this thread
export {
  cpuAddress,
  createMachine,
  populate,
  runOneCpu,
  scenarioLimits,
  strategyOf,
} from './engines/boot.ts'
export {
  configurationOf,
  configureKernel,
  instantiateKernel,
  isValidModule,
  kernelFrames,
  kernelModule,
  type CompiledKernel,
  type Configuration,
  type KernelModule,
} from './engines/compiled-kernel.ts'
export type { KernelFrame } from './lib/wasm-positions.ts'
export { cpuMain } from './kernel/exit.ts'
export { findStrategy, STRATEGIES, type StrategySummary } from './mm/strategies/index.ts'
export type { Strategy } from './mm/strategy.ts'
export { AbortError, bindLiveCpu, KernelBugError, type LiveCpuOptions } from './sync/live-cpu.ts'
export { resetHoldSample } from './sync/live-contention.ts'

// machines in virtual time
export type { CheckKernel } from './engines/check/compiled-text.ts'
export type { VirtualKernel } from './engines/virtual/compiled-loop.ts'
export { parseProfile, parseProfileText, ProfileError } from './engines/virtual/parse-profile.ts'
export {
  cpusOf,
  distance,
  DISTANCE_CLUSTER,
  DISTANCE_REMOTE,
  DISTANCE_SAME,
  DISTANCE_SMT,
  DISTANCE_SOCKET,
  PROFILE_SCHEMA,
  type CpuNumbering,
  type CycleKey,
  type Distance,
  type MachineProfile,
  type ProfileCycles,
  type ProfileTopology,
  type Sourced,
} from './engines/virtual/profile.ts'
export { CYCLE_TEXTS } from './engines/virtual/profile-schema.ts'
export { findProfile, profiles } from './engines/virtual/profiles.ts'

// report
export {
  collectCounters,
  collectCpuCounters,
  collectCpuEvents,
  collectEvents,
  collectProcesses,
  collectVmstat,
  cpuBlock,
} from './metrics/collect.ts'
export {
  compareReports,
  COMPARISON_SCHEMA,
  type ComparedStrategy,
  type ComparedValue,
  type Comparison,
  type ComparisonKey,
  type ComparisonRow,
  type ComparisonVerdict,
} from './metrics/compare.ts'
export { countersThatVary } from './metrics/counter-range.ts'
export {
  addLockSums,
  emptyLockSums,
  lockStatisticsOf,
  type LockSums,
} from './metrics/lock-statistics.ts'
export { type CpuTimes, type RunFigures, RunRecorder } from './metrics/run-recorder.ts'
export { median, spreadOf } from './metrics/spread.ts'
export {
  RUN_REPORT_SCHEMA,
  type CpuReport,
  type HistogramBucket,
  type CpuTimeStack,
  type FunctionTime,
  type LockStatistics,
  type LockWait,
  type VirtualReport,
  type RunEnvironment,
  type RunOutcome,
  type RunReport,
  type RunSample,
  type Spread,
} from './metrics/run-report.ts'

// checks
export { CHECK_RULES } from './engines/check/rules/rule-list.ts'
export type { Counterexample, CounterexampleStep } from './engines/check/counterexample.ts'
export type { Breach } from './engines/check/rule-error.ts'
export type { Root } from './engines/check/schedulers/dpor.ts'
export type { Access } from './engines/check/trace.ts'
export { ScheduleError } from './engines/check/schedulers/replay.ts'
export { counterexampleTable, type TableOptions } from './engines/check/table.ts'
export {
  CHECK_SCHEDULERS,
  type CheckOptions,
  type CheckScheduler,
  type PartSharing,
  resolveCheckOptions,
  type ResolvedCheckOptions,
} from './run/check-options.ts'
export { areNews } from './sync/check-marks.ts'
export {
  CheckSession,
  mergeParts,
  type CheckPlan,
  type CheckTask,
  type PartResult,
} from './run/check-parts.ts'
export {
  CHECK_REPORT_SCHEMA,
  counterexamplesOf,
  verdictLine,
  type CheckReport,
  type ReportedCounterexample,
  type Verdict,
} from './run/check-report.ts'
export { formatToken, parseToken, TokenError, type CheckToken } from './run/check-token.ts'
export { generateCheckWorld } from './run/check-generate.ts'
export { type CheckWorld, checkWorldScenario, findingOf } from './run/check-world.ts'
export { CHECK_WORLDS, findCheckWorld } from './run/check-worlds.ts'
export { CHECK_CPUS_MAX, replayCheck, runCheck, type ExploredPart } from './run/run-check.ts'

// traces
export type { WriteBytes } from './trace/byte-sink.ts'
export { TRACE_BYTES_DEFAULT, TRACE_BYTES_MIN, type TraceOptions } from './trace/start-trace.ts'
export {
  TIMELINE_SCHEMA,
  type Timeline,
  type TimelineCpu,
  type TimelineGather,
  type TimelineInterval,
} from './trace/timeline.ts'
export { SAMPLED_TRACE_FORMATS, type SampledTraceFormat } from './trace/sample-writer.ts'
export {
  SAMPLE_US_DEFAULT,
  SAMPLE_US_MAX,
  SAMPLE_US_MIN,
  SampledTrace,
  type SampledTraceOptions,
  type SampledTraceSummary,
} from './trace/sampled-trace.ts'
export type { TraceSummary } from './trace/trace-recorder.ts'
export { TRACE_FORMATS, type TraceFormat } from './trace/trace-writer.ts'

export { isStackOverflow } from './lib/stack-overflow.ts'
export { VERSION } from './lib/version.ts'

// virtual time
export { runVirtual, VIRTUAL_CPUS_MAX } from './run/run-virtual.ts'
export { DEFAULT_PROFILE, type RunVirtualOptions } from './run/virtual-options.ts'

// sweeps
export {
  type Axis,
  AXIS_KEYS,
  type AxisKey,
  axisKeyOf,
  type AxisValues,
  parseAxis,
} from './sweep/axis.ts'
export type { AxisValue } from './sweep/axis-values.ts'
export {
  entryLine,
  headerLine,
  isJournalStart,
  type Journal,
  JournalCollector,
  type JournalEntry,
  type JournalError,
  JournalFormatError,
  type JournalHeader,
  journalIdText,
  type JournalLine,
  type JournalResult,
  parseJournal,
  parseJournalLine,
  type PointContent,
  pointKeyText,
  pointKeyTextBySeed,
  pointText,
  SWEEP_JOURNAL_SCHEMA,
  type SweepOptions,
} from './sweep/journal.ts'
export { countPoints, pointAt, POINTS_MAX, type SweepPoint } from './sweep/points.ts'
export {
  isFinal,
  type PointOutcome,
  pointOutcome,
  type SweepPointError,
  type SweepResult,
  type TimeStack,
} from './sweep/result.ts'
export { SweepError } from './sweep/sweep-error.ts'
export { isSweepText, parseSweepText, type Sweep, SWEEP_SCHEMA } from './sweep/sweep-file.ts'

// the words of a machine, for engines outside this package
export {
  CONTROL,
  CPU_CURRENT_MM,
  CPU_HISTOGRAMS,
  CPU_STATE,
  CTL_ABORT,
  CTL_ARRIVED,
  CTL_DONE,
  CTL_GO,
  LINE_WORDS,
  LOG_RECORD_WORDS,
  LOG_RING_RECORDS,
  LOG_RING_WORDS,
} from './machine/layout.ts'
export {
  FIDELITY_SCHEMA,
  fidelityJobs,
  fidelityKernels,
  fidelityReport,
  fidelityWorkloads,
  isDifference,
  validate,
} from './fidelity/validate.ts'
export type {
  FidelityJob,
  FidelityReport,
  FidelityRow,
  FidelitySelection,
} from './fidelity/validate.ts'
