/** What V8 throws when functions call each other too deeply: of text that was run, a recursion. (Text that ships has none; a user's may.) */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack')
}
