/**
 * A page in a headless Chromium, driven over the DevTools protocol: evaluates expressions in it, presses keys, collects what
 * it writes to the console and every request that it makes.
 */
import { Chromium } from '../../core/test/browser/chromium.ts'

export { findChromium } from '../../core/test/browser/chromium.ts'

interface Message {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { message: string }
}

export interface Viewport {
  width: number
  height: number
  isDark?: boolean
  isPrint?: boolean
}

/** For one answer of a busy machine's browser. */
const PATIENCE_MS = 60_000

export class BrowserPage {
  /** Errors, warnings, and exceptions that nobody caught. */
  readonly complaints: string[] = []
  /** Addresses that the page asked for. */
  readonly requests: string[] = []
  readonly #browser: Chromium
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  readonly #listeners = new Map<string, () => void>()
  #session: string | undefined
  #last = 0
  #text = ''

  private constructor(program: string) {
    this.#browser = new Chromium(program, 'about:blank')
    this.#browser.devtools.from.setEncoding('utf8').on('data', (text: string) => this.#read(text))
  }

  static async open(program: string): Promise<BrowserPage> {
    const page = new BrowserPage(program)
    const { targetInfos } = await page.send('Target.getTargets')
    const [target] = (targetInfos as { targetId: string; type: string }[]).filter(
      ({ type }) => type === 'page',
    )
    const { sessionId } = await page.send('Target.attachToTarget', {
      targetId: target?.targetId,
      flatten: true,
    })
    page.#session = sessionId as string
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`)
    return page
  }

  async go(address: string, viewport: Viewport): Promise<void> {
    const { width, height, isDark = false } = viewport
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    })
    await this.#media(isDark, false)
    const loaded = new Promise<void>((resolve) =>
      this.#listeners.set('Page.loadEventFired', resolve),
    )
    await this.send('Page.navigate', { url: address })
    await loaded
    await this.settle()
  }

  /** Two frames, so that what follows a change is drawn. */
  async settle(): Promise<void> {
    await this.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))',
    )
  }

  /** The value of an expression, or of the promise that it is. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined)
      throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`)
    return (result as { value: T }).value
  }

  async press(key: string, code = key): Promise<void> {
    const text = key.length === 1 ? { text: key } : key === 'Enter' ? { text: '\r' } : {}
    const virtual = KEY_CODES[key]
    const event = {
      key,
      code,
      ...text,
      ...(virtual !== undefined && { windowsVirtualKeyCode: virtual }),
    }
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
    await this.settle()
  }

  /** Presses the mouse at one place and lets it go at another. */
  async drag(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
    const button = { button: 'left', clickCount: 1 }
    await this.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...from, ...button })
    await this.send('Input.dispatchMouseEvent', {
      type: 'mouseMoved',
      ...to,
      ...button,
      buttons: 1,
    })
    await this.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...to, ...button })
    await this.settle()
  }

  /** The whole page as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true })
    return Buffer.from(data as string, 'base64')
  }

  async pdf(): Promise<Buffer> {
    const { data } = await this.send('Page.printToPDF', { printBackground: true })
    return Buffer.from(data as string, 'base64')
  }

  async close(): Promise<void> {
    await this.#browser.stop()
  }

  async #media(isDark: boolean, isPrint: boolean): Promise<void> {
    await this.send('Emulation.setEmulatedMedia', {
      media: isPrint ? 'print' : '',
      features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }],
    })
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const answer = Promise.withResolvers<Record<string, unknown>>()
    this.#waiting.set(id, answer)
    const session = this.#session === undefined ? {} : { sessionId: this.#session }
    this.#browser.devtools.to.write(`${JSON.stringify({ id, method, params, ...session })}\0`)
    const late = setTimeout(() => answer.reject(new Error(`${method}: no answer`)), PATIENCE_MS)
    try {
      return await Promise.race([answer.promise, this.#browser.lost])
    } finally {
      clearTimeout(late)
    }
  }

  #read(text: string): void {
    const parts = (this.#text + text).split('\0')
    this.#text = parts.pop() ?? ''
    for (const part of parts) this.#take(JSON.parse(part) as Message)
  }

  #take({ id, method = '', params = {}, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result ?? {})
      else waiting?.reject(new Error(error.message))
      return
    }
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      this.complaints.push(JSON.stringify(params))
    if (method === 'Runtime.consoleAPICalled') this.complaints.push(JSON.stringify(params['args']))
    if (method === 'Network.requestWillBeSent')
      this.requests.push((params['request'] as { url: string }).url)
    this.#listeners.get(method)?.()
  }
}

const KEY_CODES: Readonly<Record<string, number>> = {
  Enter: 13,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  Tab: 9,
}
