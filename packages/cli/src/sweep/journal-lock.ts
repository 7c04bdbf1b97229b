/**
 * One sweep at a time on a journal.
 *
 * The lock is an abstract socket whose name has the file's device and inode: the system gives it to one process, and
 * takes it back when that process ends, however it does, so that there are no stale locks. Only Linux has these; elsewhere
 * there is no lock.
 */
import { createServer } from 'node:net'
import process from 'node:process'

/** Undefined: another process has it. */
export async function lockJournal(file: {
  dev: number
  ino: number
}): Promise<{ release(): void } | undefined> {
  if (process.platform !== 'linux') return { release: () => undefined }
  const server = createServer((socket) => socket.destroy())
  const isOurs = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen({ path: `\0mmgather-journal-${file.dev}-${file.ino}` }, () => resolve(true))
  })
  if (!isOurs) return undefined
  server.unref()
  return { release: () => server.close() }
}
