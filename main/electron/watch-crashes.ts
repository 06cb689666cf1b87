// What to do when a part of the window's own machinery fails. The host and its workers go on; work that runs is not lost with a page.
import { errorRecord } from '../../engine/requests/error.ts'
import type { Electron, Window } from './electron-api.ts'

/** A page that dies this often within a minute does not come back by being loaded again. */
const mostReloads = 3

type Process = Pick<NodeJS.Process, 'on' | 'off'>

export interface CrashOptions {
  /** Ends what runs, with its checkpoint. */
  readonly close: () => Promise<void>
  readonly report?: (sentence: string) => void
  readonly process?: Process
}

/** From now on until the returned function is called. */
export function watchCrashes(
  { app, dialog }: Pick<Electron, 'app' | 'dialog'>,
  { close, report = console.error, process: own = process }: CrashOptions,
): () => void {
  let ending = false
  /** Nobody knows what state this process is in: it says so, saves what it can, and ends. */
  const fatal = (error: unknown): void => {
    if (ending) return
    ending = true
    report(error instanceof Error ? (error.stack ?? error.message) : String(error))
    dialog.showErrorBox('Pigment', `${errorRecord(error).message}\n\n${words(app).fatal}`)
    void close().finally(() => app.exit(1))
  }
  const unhandled = (error: unknown): void => report(`Unhandled: ${errorRecord(error).message}`)
  own.on('uncaughtException', fatal)
  own.on('unhandledRejection', unhandled)
  // A worker's end is told to its owner, who starts it again; those of Chromium's own processes come back by themselves.
  app.on('child-process-gone', (_event, { type, reason, exitCode, serviceName = '' }) => {
    if (reason !== 'clean-exit' && reason !== 'killed') report(`${type} ${serviceName} ended: ${reason} (code ${exitCode})`)
  })
  return () => {
    own.off('uncaughtException', fatal)
    own.off('unhandledRejection', unhandled)
  }
}

/** A window whose page dies or hangs. */
export function watchPage(
  { app, dialog }: Pick<Electron, 'app' | 'dialog'>,
  window: Window,
  report: (sentence: string) => void = console.error,
): void {
  let deaths: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    report(`The page ended: ${reason} (code ${exitCode})`)
    const now = performance.now()
    deaths = [...deaths.filter((at) => now - at < 60_000), now]
    if (deaths.length <= mostReloads) window.webContents.reload()
    else dialog.showErrorBox('Pigment', words(app).page)
  })
  let asking = false
  window.on('unresponsive', () => {
    if (asking) return
    asking = true
    const { hung, wait, reload } = words(app)
    void dialog
      .showMessageBox(window, { type: 'warning', message: hung, buttons: [wait, reload], defaultId: 0, cancelId: 0 })
      .then(({ response }) => {
        if (response !== 1 || window.isDestroyed()) return
        // Its death is a crash like any other, after which it is loaded again.
        window.webContents.forcefullyCrashRenderer()
      })
      .finally(() => (asking = false))
  })
}

const english = {
  fatal: 'Pigment saves what runs and ends. Start it again: a training goes on from its last checkpoint.',
  page: 'The window ended several times in a row. What runs goes on; open Pigment again.',
  hung: 'The window does not respond. What runs is not concerned.',
  wait: 'Wait',
  reload: 'Load it again',
}
const chinese: typeof english = {
  fatal: 'Pigment 会保存正在运行的任务，然后退出。请重新启动：训练会从最后的检查点继续。',
  page: '窗口接连几次意外结束。正在运行的任务会继续；请重新打开 Pigment。',
  hung: '窗口没有响应。正在运行的任务不受影响。',
  wait: '等待',
  reload: '重新载入',
}
const words = (app: Pick<Electron['app'], 'getLocale'>): typeof english => (app.getLocale().startsWith('zh') ? chinese : english)
