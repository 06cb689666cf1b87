// The menu bar. Its words come from the system where it has them; ours are few.
import type { Menu, MenuItemConstructorOptions } from 'electron'
import type { Envelope } from '../api/transport.ts'
import { channels } from './channels.ts'
import type { Electron, Window } from './electron-api.ts'

/** What a menu asks for has no place in the order of the host's events. */
export function askPage(window: Window | undefined, action: string): void {
  const envelope: Envelope<'menu'> = { topic: 'menu', sequence: -1, payload: { action } }
  window?.webContents.send(channels.event, envelope)
}

export function applicationMenu({ Menu, app }: Pick<Electron, 'Menu' | 'app'>, window: () => Window | undefined): Menu {
  const ask = (action: string) => (): void => askPage(window(), action)
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: app.getLocale().startsWith('zh') ? '视图' : 'View',
      submenu: [
        // Without keys of its own: those are the page's, where a person may change them.
        { label: app.getLocale().startsWith('zh') ? '命令面板' : 'Command Palette', click: ask('palette') },
        { label: app.getLocale().startsWith('zh') ? '设置' : 'Settings', accelerator: 'CmdOrCtrl+,', click: ask('settings') },
        { type: 'separator' },
        { role: 'reload' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ]
  return Menu.buildFromTemplate(template)
}
