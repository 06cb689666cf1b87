// Electron as far as Pigment uses it, typed by Electron's own declarations. Whatever is not here throws when it is touched.
import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions, IpcMainInvokeEvent, WebFrameMain } from 'electron'
import { forkWorkers } from '../processes/fork-worker.ts'
import type { WorkerRole } from '../processes/channel.ts'
import type { Electron } from './electron-api.ts'

/** A partial thing in the place of a whole one; a missing member is an error with its name, not `undefined`. */
export function strict<T extends object>(name: string, members: object): T {
  return new Proxy(members, {
    get(target, key) {
      if (Reflect.has(target, key)) {
        const value: unknown = Reflect.get(target, key, target)
        if (typeof value !== 'function') return value
        // A class keeps what it is called on itself (`Notification.isSupported`).
        return Object.assign(value.bind(target) as object, value)
      }
      // Promises and inspection ask for these of any object.
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined
      throw new Error(`The fake Electron has no ${name}.${key}.`)
    },
  }) as T
}

type RequestFilter = (details: { url: string }, answer: (reply: { cancel: boolean }) => void) => void
type Handler = (event: IpcMainInvokeEvent, ...input: unknown[]) => unknown
export type SchemeHandler = (request: Request) => Response | Promise<Response>

/** A window that loads nothing and keeps what was done to it. */
export class FakeWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions
  readonly sent: unknown[] = []
  readonly webContents: FakeContents
  url = ''
  shown = false
  progress = -1
  constructor(options: BrowserWindowConstructorOptions, contents: FakeContents) {
    super()
    this.options = options
    this.webContents = contents
    contents.send = (channel, payload) => void this.sent.push([channel, structuredClone(payload)])
  }
  loadURL(url: string): Promise<void> {
    this.url = url
    return Promise.resolve()
  }
  show(): void {
    this.shown = true
  }
  isDestroyed = (): boolean => false
  isFocused = (): boolean => false
  isMinimized = (): boolean => true
  restore(): void {}
  focus(): void {}
  setProgressBar(share: number): void {
    this.progress = share
  }
}

export class FakeContents extends EventEmitter {
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  send: (channel: string, payload: unknown) => void = () => undefined
  readonly calls: string[] = []
  reload(): void {
    this.calls.push('reload')
  }
  forcefullyCrashRenderer(): void {
    this.calls.push('forcefullyCrashRenderer')
  }
  setWindowOpenHandler(handler: NonNullable<FakeContents['openHandler']>): void {
    this.openHandler = handler
  }
}

export interface FakeElectron {
  readonly electron: Electron
  readonly app: EventEmitter
  readonly windows: FakeWindow[]
  readonly schemes: Map<string, SchemeHandler>
  /** What was called, in order, by name. */
  readonly calls: string[]
  readonly permissions: { request?: (...input: unknown[]) => void; check?: () => boolean; device?: () => boolean }
  /** Whether a request of a page's, or of Chromium's own, goes out. */
  lets(url: string): boolean
  /** Which button a person presses in the next message. */
  press(button: number): void
  /** A call from a page, over the rules of structured clone. */
  invoke(channel: string, input: readonly unknown[], frame?: { url: string; parent?: unknown } | null): Promise<unknown>
}

/** `worker` is what utility processes really run. */
export function fakeElectron(worker: string): FakeElectron {
  const calls: string[] = []
  const windows: FakeWindow[] = []
  const handlers = new Map<string, Handler>()
  const schemes = new Map<string, SchemeHandler>()
  const permissions: FakeElectron['permissions'] = {}
  const filters: { request?: RequestFilter } = {}
  const launch = forkWorkers(worker)
  const fake = { answer: 0 }
  const note = (name: string, result?: unknown) => (): unknown => (calls.push(name), result)

  const app = Object.assign(new EventEmitter(), {
    enableSandbox: note('app.enableSandbox'),
    requestSingleInstanceLock: note('app.requestSingleInstanceLock', true),
    whenReady: () => (calls.push('app.whenReady'), Promise.resolve()),
    setAppUserModelId: () => undefined,
    getLocale: () => 'en',
    quit: note('app.quit'),
    exit: note('app.exit'),
  })
  const session = {
    setPermissionRequestHandler: (handler: (...input: unknown[]) => void) => void (permissions.request = handler),
    setPermissionCheckHandler: (handler: () => boolean) => void (permissions.check = handler),
    setDevicePermissionHandler: (handler: () => boolean) => void (permissions.device = handler),
    webRequest: strict('session.webRequest', { onBeforeRequest: (handler: RequestFilter) => void (filters.request = handler) }),
  }
  const open = function (options: BrowserWindowConstructorOptions): FakeWindow {
    const contents = new FakeContents()
    app.emit('web-contents-created', {}, strict('WebContents', contents))
    const window = new FakeWindow(options, contents)
    windows.push(window)
    return strict('BrowserWindow', window)
  }
  const electron = strict<Electron>('electron', {
    app: strict('app', app),
    BrowserWindow: open as unknown,
    dialog: strict('dialog', {
      showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
      showMessageBox: (_window: unknown, { buttons }: { buttons: readonly string[] }) => {
        calls.push(`dialog.showMessageBox ${buttons.join(', ')}`)
        return Promise.resolve({ response: fake.answer })
      },
      showErrorBox: (title: string, text: string) => void calls.push(`dialog.showErrorBox ${title}: ${text}`),
    }),
    ipcMain: strict('ipcMain', {
      handle: (channel: string, handler: Handler) => void handlers.set(channel, handler),
      removeHandler: (channel: string) => void handlers.delete(channel),
    }),
    Menu: strict('Menu', { buildFromTemplate: (template: unknown) => template, setApplicationMenu: note('Menu.setApplicationMenu') }),
    Notification: Object.assign(
      function () {
        return { show: note('Notification.show'), on: () => undefined }
      },
      { isSupported: () => true },
    ),
    protocol: strict('protocol', {
      registerSchemesAsPrivileged: (list: unknown) => void calls.push(`protocol.registerSchemesAsPrivileged ${JSON.stringify(list)}`),
      handle: (scheme: string, handler: SchemeHandler) => void schemes.set(scheme, handler),
    }),
    safeStorage: strict('safeStorage', {
      isEncryptionAvailable: () => true,
      getSelectedStorageBackend: () => 'gnome_libsecret',
      encryptString: (text: string) => Buffer.from(`sealed:${Buffer.from(text).toString('hex')}`),
      decryptString: (sealed: Buffer) => {
        const [, hex] = /^sealed:([0-9a-f]*)$/.exec(sealed.toString()) ?? []
        if (hex === undefined) throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.')
        return Buffer.from(hex, 'hex').toString()
      },
    }),
    session: strict('session', { defaultSession: strict('session.defaultSession', session) }),
    shell: strict('shell', { showItemInFolder: note('shell.showItemInFolder'), openExternal: note('shell.openExternal') }),
    utilityProcess: strict('utilityProcess', {
      fork(entry: string, [role]: readonly string[], options: { serviceName: string }) {
        calls.push(`utilityProcess.fork ${entry.split(/[\\/]/).at(-1)} ${role} ${options.serviceName}`)
        const child = launch(role as WorkerRole)
        const events = new EventEmitter()
        child.onMessage((message) => events.emit('message', message))
        child.onExit(() => events.emit('exit', 0))
        return strict(
          'UtilityProcess',
          Object.assign(events, { pid: child.pid, postMessage: (message: unknown) => child.send(message), kill: () => child.kill() }),
        )
      },
    }),
  })
  return {
    electron,
    app,
    windows,
    schemes,
    calls,
    permissions,
    lets: (url) => {
      let cancelled = true
      filters.request?.({ url }, ({ cancel }) => (cancelled = cancel))
      return !cancelled
    },
    press: (button) => void (fake.answer = button),
    async invoke(channel, input, frame = { url: 'app://studio/', parent: null }) {
      const handler = handlers.get(channel)
      if (!handler) throw new Error(`No handler of ${channel}.`)
      const senderFrame = frame && ({ parent: null, ...frame } as unknown as WebFrameMain)
      const sent = structuredClone([...input])
      return structuredClone(await handler({ senderFrame } as IpcMainInvokeEvent, ...sent))
    },
  }
}
