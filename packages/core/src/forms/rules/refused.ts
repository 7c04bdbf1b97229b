/**
 * What kernel text does without, by node type, with the words that a violation is told in.
 */
const CLOSURE = 'no closures: functions are declarations of module level'

type Reasons = Readonly<Record<string, string>>

export const REFUSED: Reasons & Readonly<Record<'LabeledStatement' | 'SpreadElement', string>> = {
  ArrayExpression: 'no arrays',
  ArrowFunctionExpression: CLOSURE,
  AwaitExpression: 'no await',
  ChainExpression: 'no optional chaining',
  ClassDeclaration: 'no classes',
  ClassExpression: 'no classes',
  DebuggerStatement: 'no debugger',
  DoWhileStatement: 'no do: use while',
  ForInStatement: 'no for-in',
  ForOfStatement: 'no for-of',
  FunctionDeclaration: 'no nested functions: functions are declarations of module level',
  FunctionExpression: CLOSURE,
  ImportExpression: 'no import()',
  LabeledStatement: 'no labels',
  MetaProperty: 'no import.meta and no new.target',
  NewExpression: 'no new',
  ObjectExpression: 'no objects',
  SequenceExpression: 'no comma operator outside the update of a for',
  SpreadElement: 'no spread',
  Super: 'no classes',
  SwitchStatement: 'no switch: use if',
  TSEnumDeclaration: 'no enums',
  TSInterfaceDeclaration: 'types are declared at module level',
  TSTypeAliasDeclaration: 'types are declared at module level',
  TaggedTemplateExpression: 'no strings',
  TemplateLiteral: 'no strings',
  ThisExpression: 'no this',
  ThrowStatement: 'no throw: use bugOn',
  TryStatement: 'no try',
  WithStatement: 'no with',
  YieldExpression: 'no yield',
}

/** Global names that are refused with a reason of their own. */
export const REFUSED_GLOBALS: Readonly<Record<string, string>> = {
  Atomics: 'only sync/ names Atomics',
  Date: 'no clock',
  Infinity: 'no fractions: every number is an int32',
  NaN: 'no fractions: every number is an int32',
  arguments: 'no arguments object',
  console: 'no console',
  eval: 'no eval',
  performance: 'no clock',
  process: 'no process',
  setTimeout: 'no clock',
  undefined: 'no undefined',
}
