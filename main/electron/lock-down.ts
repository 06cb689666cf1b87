// Everything that a page is not allowed to do, in one place: permissions, windows, navigation, embedded views.
import type { WebContents } from 'electron'
import { pageOrigin } from './channels.ts'
import type { Electron } from './electron-api.ts'

/** Ours, what a page makes itself, and the tools for looking at it. */
const local = new Set(['app:', 'media:', 'blob:', 'data:', 'devtools:'])

export function lockDown({ app, session }: Pick<Electron, 'app' | 'session'>): void {
  // The defaults of both allow everything.
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  session.defaultSession.setDevicePermissionHandler(() => false)
  // Whatever a page asks for, and Chromium beside it: nothing of it leaves the machine.
  session.defaultSession.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !local.has(URL.parse(url)?.protocol ?? '') }))
  app.on('web-contents-created', (_event, contents) => confine(contents))
}

function confine(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect'] as const)
    contents.on(name as 'will-navigate', (event, url?: string) => {
      if (!isPage(url ?? event.url)) event.preventDefault()
    })
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** By parser: `app://studio.evil` begins like ours. */
export function isPage(url: string): boolean {
  try {
    const { protocol, host } = new URL(url)
    return `${protocol}//${host}` === pageOrigin
  } catch {
    return false
  }
}
