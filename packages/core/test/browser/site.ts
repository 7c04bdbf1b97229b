/**
 * A site on 127.0.0.1 that is cross-origin isolated, as pages with shared memory must be, and to which its pages post
 * what they have found.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as bodyOf } from 'node:stream/consumers'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
}

/** What makes SharedArrayBuffer and shared WebAssembly.Memory available. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** A page posts to `/posts/NAME`; `/posts/error` fails whoever waits for any other. */
const POSTS = '/posts/'

export class Site {
  readonly #files: ReadonlyMap<string, string>
  readonly #posts = new Map<string, PromiseWithResolvers<string>>()
  readonly #server: Server
  #error: Error | undefined

  private constructor(files: ReadonlyMap<string, string>) {
    this.#files = files
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  /** Serves `files`, each text by its path, `index.html` for `/`. */
  static async open(files: ReadonlyMap<string, string>): Promise<Site> {
    const site = new Site(files)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    site.#server.once('error', reject)
    site.#server.listen(0, '127.0.0.1', resolve)
    await promise
    return site
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** What a page posts under a name. */
  posted(name: string): Promise<string> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    return this.#post(name).promise
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }

  #post(name: string): PromiseWithResolvers<string> {
    const known = this.#posts.get(name)
    if (known !== undefined) return known
    const post = Promise.withResolvers<string>()
    this.#posts.set(name, post)
    return post
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.address)
    if (request.method === 'POST' && pathname.startsWith(POSTS)) {
      this.#take(pathname.slice(POSTS.length), await bodyOf(request))
      response.writeHead(204).end()
      return
    }
    const name = pathname === '/' ? 'index.html' : pathname.slice(1)
    const file = this.#files.get(name)
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain'
    if (file === undefined) response.writeHead(404, ISOLATED).end()
    else response.writeHead(200, { ...ISOLATED, 'Content-Type': type }).end(file)
  }

  #take(name: string, body: string): void {
    if (name !== 'error') {
      this.#post(name).resolve(body)
      return
    }
    this.#error = new Error(`in the browser: ${body}`)
    for (const { promise, reject } of this.#posts.values()) {
      promise.catch(() => {})
      reject(this.#error)
    }
  }
}
