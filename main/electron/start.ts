// The window's main process, from its first line to its last.
import { errorRecord } from '../../engine/requests/error.ts'
import { withDoor } from '../server/with-door.ts'
import { dataFolder } from '../places/places.ts'
import { readInterface } from '../host/interface-files.ts'
import { openHost, type StudioHost } from '../host/host.ts'
import { announceEnds } from './announce-ends.ts'
import { pageOrigin } from './channels.ts'
import type { Electron, Window } from './electron-api.ts'
import { utilityWorkers } from './launch-utility.ts'
import { lockDown } from './lock-down.ts'
import { applicationMenu, askPage } from './menu.ts'
import { adaptersAmong, OpenedFiles } from './opened-files.ts'
import { registerSchemes, serveSchemes } from './schemes.ts'
import { serveIpc } from './serve-ipc.ts'
import { watchCrashes, watchPage } from './watch-crashes.ts'
import { windowShell } from './window-shell.ts'

export interface StartOptions {
  /** Bundled entries of the worker processes and of the page's bridge. */
  readonly worker: string
  readonly preload: string
  readonly pages: string
}

/** Resolves when the first window is there, or when the app ended because another one runs. */
export async function startWindowApp(electron: Electron, { worker, preload, pages }: StartOptions): Promise<StudioHost | undefined> {
  const { app } = electron
  // Both must come before the app is ready.
  app.enableSandbox()
  registerSchemes(electron)
  // Windows shows notifications only of an app that it knows by the name that the installer gave.
  if (process.platform === 'win32') app.setAppUserModelId('studio.pigment.app')
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return undefined
  }
  // On macOS the file that started the app is told before the app is ready.
  const opened = new OpenedFiles()
  app.on('open-file', (event, path) => {
    event.preventDefault()
    opened.add([path])
  })
  opened.add(adaptersAmong(process.argv.slice(1), process.cwd()))
  const windows = new Set<Window>()
  const first = (): Window | undefined => [...windows][0]
  let running: StudioHost | undefined
  const unwatch = watchCrashes(electron, { close: async () => running?.close() })
  await app.whenReady()
  lockDown(electron)
  try {
    const files = await readInterface(pages)
    const alone = await openHost({
      folder: dataFolder(),
      shell: windowShell(electron, first, opened),
      launch: utilityWorkers(electron, worker),
    })
    const served = await withDoor(alone, dataFolder(), (sentence) => console.error(sentence))
    const host: StudioHost = {
      ...served,
      async close() {
        await served.close()
        unwatch()
      },
    }
    running = host
    serveSchemes(electron, files, host)
    serveIpc(electron, host, () => [...windows])
    announceEnds(electron, host, first)
    electron.Menu.setApplicationMenu(applicationMenu(electron, first))
    const open = (): Window => openWindow(electron, preload, windows)
    const show = (): Window => {
      const window = first() ?? open()
      if (window.isMinimized()) window.restore()
      window.focus()
      return window
    }
    opened.onArrival(() => askPage(show(), 'open-file'))
    app.on('second-instance', (_event, argv, folder) => {
      show()
      opened.add(adaptersAmong(argv, folder))
    })
    app.on('activate', () => void (windows.size === 0 && open()))
    app.on('window-all-closed', () => void (process.platform !== 'darwin' && app.quit()))
    let closing = false
    app.on('before-quit', (event) => {
      if (closing) return
      // A running training stops with its checkpoint first.
      closing = true
      event.preventDefault()
      void host.close().finally(() => app.quit())
    })
    open()
    return host
  } catch (error) {
    unwatch()
    electron.dialog.showErrorBox('Pigment', errorRecord(error).message)
    app.exit(1)
    return undefined
  }
}

function openWindow(electron: Electron, preload: string, windows: Set<Window>): Window {
  const window = new electron.BrowserWindow({
    width: 1440,
    height: 920,
    minWidth: 960,
    minHeight: 600,
    show: false,
    backgroundColor: '#17181c',
    title: 'Pigment',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  windows.add(window)
  watchPage(electron, window)
  window.once('ready-to-show', () => window.show())
  window.on('closed', () => windows.delete(window))
  void window.loadURL(`${pageOrigin}/`)
  return window
}
