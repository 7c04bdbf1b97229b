/**
 * Writes functions of kernel text, as the front end of the WebAssembly compiler leaves them, in C: one C function for each,
 * every value in a variable of its own, in the order of evaluation that the text has.
 *
 * Nothing is optimised here: that is the C compiler's part. Invariant: an instruction that this does not know is an
 * error, never left out.
 */
import {
  type Access,
  type Code,
  type Label,
  OP,
  type Result,
} from '../../../packages/core/src/forms/wasm/code.ts'
import type { Configuration } from '../../../packages/core/src/engines/compiled-kernel.ts'
import { CPU_GLOBALS } from '../../../packages/core/src/forms/wasm/intrinsics.ts'
import type {
  CompiledFunction,
  Import,
  Program,
} from '../../../packages/core/src/forms/wasm/program.ts'

const INFIX: Readonly<Record<number, string>> = {
  [OP.eq]: '==',
  [OP.ne]: '!=',
  [OP.lt]: '<',
  [OP.gt]: '>',
  [OP.le]: '<=',
  [OP.ge]: '>=',
  [OP.add]: '+',
  [OP.sub]: '-',
  [OP.mul]: '*',
  [OP.div]: '/',
  [OP.rem]: '%',
  [OP.and]: '&',
  [OP.or]: '|',
  [OP.xor]: '^',
}

/** Accesses by their opcode, as calls of what host.c declares. */
const ACCESSES: Readonly<Record<string, string>> = {
  '40': 'word_load',
  '54': 'word_store',
  '254,0': 'word_notify',
  '254,16': 'word_atomic_load',
  '254,23': 'word_atomic_store',
  '254,30': 'word_fetch_add',
  '254,37': 'word_fetch_sub',
  '254,44': 'word_fetch_and',
  '254,51': 'word_fetch_or',
  '254,72': 'word_compare_exchange',
}
const WITHOUT_VALUE = new Set(['word_store', 'word_atomic_store'])

/**
 * All functions of a program, and the run-fixed values, which `bind_globals` reads from the machine.
 * @param constants - those of them that are constants of the code, as the live engine's modules have them.
 */
export function emitProgram(
  program: Program,
  globalWord: (name: string) => number,
  constants: Configuration = {},
): string {
  const cNames = new Map<string, string>()
  for (const [key, { name }] of program.hosts) cNames.set(key, `host_${name}`)
  for (const [i, { key, name }] of program.functions.entries()) cNames.set(key, `f${i}_${name}`)
  const ofCpu: readonly string[] = CPU_GLOBALS
  const isConstant = (name: string): boolean => Object.hasOwn(constants, name)
  const fixed = [...program.globals]
    .filter((name) => !ofCpu.includes(name) && !isConstant(name))
    .sort()
  const nameOf = (key: string): string => {
    const known = cNames.get(key)
    if (known === undefined) throw new Error(`no function ${key}`)
    return known
  }
  return [
    ...Object.entries(constants).map(([name, value]) => `#define g_${name} (${value})`),
    ...fixed.map((name) => `static int32_t g_${name};`),
    'static void bind_globals(void) {',
    ...fixed.map((name) => `  g_${name} = word_load(0, ${globalWord(name) * 4}u);`),
    '}',
    ...[...program.hosts].map(([key, each]) => `${hostHead(nameOf(key), each)};`),
    ...program.functions.map((each) => `${head(nameOf(each.key), each)};`),
    ...program.functions.map((each) => new Emitter(nameOf).function(each)),
  ].join('\n')
}

/** The C name of the function of text that has this name; it must be the only one. */
export function cNameOf(program: Program, name: string): string {
  const index = program.functions.findIndex((each) => each.name === name)
  if (index < 0) throw new Error(`the program has no ${name}`)
  return `f${index}_${name}`
}

function cType(result: Result): string {
  if (result === 'f64') throw new Error('the kernel text of threads has no long integers')
  return result === undefined ? 'void' : 'int32_t'
}

function hostHead(name: string, { parameters, result }: Import): string {
  return `static ${cType(result)} ${name}(${parameters.map(() => 'int32_t').join(', ') || 'void'})`
}

function head(name: string, { parameters, result }: CompiledFunction): string {
  const list = Array.from({ length: parameters }, (_, i) => `int32_t l${i}`)
  return `static ${cType(result)} ${name}(${list.join(', ') || 'void'})`
}

interface Target {
  readonly name: string
  readonly result: string | undefined
}

/** Writes one function. */
class Emitter {
  readonly #nameOf: (key: string) => string
  readonly #lines: string[] = []
  readonly #targets = new Map<Label, Target>()
  #temporaries = 0
  #labels = 0

  constructor(nameOf: (key: string) => string) {
    this.#nameOf = nameOf
  }

  function(fn: CompiledFunction): string {
    const { locals, parameters, body } = fn
    for (const type of locals) cType(type)
    for (let i = parameters; i < locals.length; i++) this.#line(`int32_t l${i} = 0;`)
    const value = this.#all(body)
    if (fn.result !== undefined) this.#line(`return ${value ?? '0'};`)
    const temporaries = Array.from({ length: this.#temporaries }, (_, i) => `t${i}`)
    const declared = temporaries.length > 0 ? `  int32_t ${temporaries.join(', ')};` : ''
    return [`${head(this.#nameOf(fn.key), fn)} {`, declared, ...this.#lines, '}'].join('\n')
  }

  #line(text: string): void {
    this.#lines.push(`  ${text}`)
  }

  #temporary(): string {
    return `t${this.#temporaries++}`
  }

  /** The value that the last of the instructions leaves, if it leaves one. */
  #all(codes: readonly Code[]): string | undefined {
    let value: string | undefined
    for (const code of codes) value = this.#emit(code)
    return value
  }

  #value(code: Code): string {
    const value = this.#emit(code)
    if (value !== undefined) return value
    // control does not come here
    const never = this.#temporary()
    this.#line(`${never} = 0;`)
    return never
  }

  /** Values are constants or temporaries, which nothing changes afterwards. */
  #keep(expression: string): string {
    const kept = this.#temporary()
    this.#line(`${kept} = ${expression};`)
    return kept
  }

  #emit(code: Code): string | undefined {
    switch (code.op) {
      case 'const':
        return code.value === -(2 ** 31) ? '(-2147483647 - 1)' : `(${code.value})`
      case 'get':
        return this.#keep(`l${code.local}`)
      case 'set':
        this.#line(`l${code.local} = ${this.#value(code.value)};`)
        return undefined
      case 'tee': {
        const value = this.#value(code.value)
        this.#line(`l${code.local} = ${value};`)
        return value
      }
      case 'global':
        return `g_${code.name}`
      case 'plain':
        return this.#plain(code.opcode, code.operands)
      case 'access':
        return this.#access(code)
      case 'call': {
        const operands = code.operands.map((each) => this.#value(each))
        const call = `${this.#nameOf(code.callee)}(${operands.join(', ')})`
        if (code.result !== undefined) return this.#keep(call)
        this.#line(`${call};`)
        return undefined
      }
      case 'if':
        return this.#choice(code)
      case 'block':
      case 'loop':
        return this.#block(code)
      case 'branch': {
        const target = this.#targets.get(code.label)
        if (target === undefined) throw new Error('a branch to nowhere')
        const value = code.value && this.#value(code.value)
        if (target.result !== undefined) this.#line(`${target.result} = ${value ?? '0'};`)
        this.#line(`goto ${target.name};`)
        return undefined
      }
      case 'return':
        this.#line(code.value ? `return ${this.#value(code.value)};` : 'return;')
        return undefined
      case 'drop':
        this.#emit(code.value)
        return undefined
      case 'unreachable':
        this.#line('__builtin_unreachable();')
        return undefined
      default:
        throw new Error(`no C for ${code.op}`)
    }
  }

  #plain(opcode: number, operands: readonly Code[]): string {
    const [a = '0', b = '0', c = '0'] = operands.map((each) => this.#value(each))
    const infix = INFIX[opcode]
    if (infix !== undefined) return this.#keep(`${a} ${infix} ${b}`)
    switch (opcode) {
      case OP.eqz:
        return this.#keep(`${a} == 0`)
      case OP.shl:
        return this.#keep(`(int32_t)((uint32_t)${a} << (${b} & 31))`)
      case OP.shr:
        return this.#keep(`${a} >> (${b} & 31)`)
      case OP.select:
        return this.#keep(`${c} ? ${a} : ${b}`)
      case OP.clz:
        return this.#keep(`${a} == 0 ? 32 : __builtin_clz((uint32_t)${a})`)
      default:
        throw new Error(`no C for opcode ${opcode}`)
    }
  }

  #access({ opcode, address, offset, operands }: Access): string | undefined {
    const name = ACCESSES[opcode.join(',')]
    if (name === undefined) throw new Error(`no C for access ${opcode.join(' ')}`)
    const values = [address, ...operands].map((each) => this.#value(each))
    const [at = '0', ...rest] = values
    const call = `${name}(${[`(uint32_t)${at}`, `${offset}u`, ...rest].join(', ')})`
    if (!WITHOUT_VALUE.has(name)) return this.#keep(call)
    this.#line(`${call};`)
    return undefined
  }

  #choice({ test, yes, no, result }: Extract<Code, { op: 'if' }>): string | undefined {
    const chosen = result === undefined ? undefined : this.#temporary()
    const branch = (codes: readonly Code[]): void => {
      const value = this.#all(codes)
      if (chosen !== undefined && value !== undefined) this.#line(`${chosen} = ${value};`)
    }
    this.#line(`if (${this.#value(test)}) {`)
    branch(yes)
    if (no.length > 0) {
      this.#line('} else {')
      branch(no)
    }
    this.#line('}')
    return chosen
  }

  #block({ op, label, body, result }: Extract<Code, { op: 'block' | 'loop' }>): string | undefined {
    const left = result === undefined ? undefined : this.#temporary()
    const name = `L${this.#labels++}`
    // a branch to a loop begins it anew, without a value
    this.#targets.set(label, { name, result: op === 'loop' ? undefined : left })
    if (op === 'loop') this.#line(`${name}:;`)
    const value = this.#all(body)
    if (left !== undefined && value !== undefined) this.#line(`${left} = ${value};`)
    if (op === 'block') this.#line(`${name}:;`)
    return left
  }
}
