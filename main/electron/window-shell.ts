// What only a window can do for the host: the system's dialogs, its file manager, its browser.
import type { OpenDialogOptions } from 'electron'
import { pictureEndings } from '../../engine/images/picture-formats.ts'
import type { DialogKind, Shell } from '../studio/shell.ts'
import type { Electron, Window } from './electron-api.ts'
import type { OpenedFiles } from './opened-files.ts'

const pictures = { name: 'Pictures', extensions: [...pictureEndings] }
const adapters = { name: 'Adapters', extensions: ['safetensors'] }

const dialogs: Readonly<Record<Exclude<DialogKind, 'save-adapter'>, OpenDialogOptions>> = {
  folder: { properties: ['openDirectory', 'createDirectory'] },
  pictures: { properties: ['openFile', 'multiSelections'], filters: [pictures] },
  adapters: { properties: ['openFile', 'multiSelections'], filters: [adapters] },
  checkpoint: { properties: ['openFile', 'openDirectory'], filters: [{ name: 'Checkpoints', extensions: ['safetensors'] }] },
  zip: { properties: ['openFile'], filters: [{ name: 'Zip', extensions: ['zip'] }] },
}

export function windowShell(
  { dialog, shell, safeStorage }: Pick<Electron, 'dialog' | 'shell' | 'safeStorage'>,
  window: () => Window | undefined,
  opened: Pick<OpenedFiles, 'take'>,
): Shell {
  return {
    kind: 'window',
    async choose(kind, name) {
      const parent = window()
      if (kind === 'save-adapter') {
        const options = { filters: [adapters], ...(name ? { defaultPath: name } : {}) }
        const { filePath, canceled } = await (parent ? dialog.showSaveDialog(parent, options) : dialog.showSaveDialog(options))
        return canceled || !filePath ? null : [filePath]
      }
      const options = dialogs[kind]
      const { filePaths, canceled } = await (parent ? dialog.showOpenDialog(parent, options) : dialog.showOpenDialog(options))
      return canceled ? null : filePaths
    },
    reveal(path) {
      shell.showItemInFolder(path)
      return Promise.resolve()
    },
    // Which pages may be opened is the host's to say; see `app.openLink`.
    openLink: (url) => shell.openExternal(url),
    opened: () => opened.take(),
    keeper: {
      // Without a keychain, Linux seals with a password that everybody knows.
      available: () =>
        safeStorage.isEncryptionAvailable() && (process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'),
      seal: (text) => safeStorage.encryptString(text),
      open: (sealed) => safeStorage.decryptString(Buffer.from(sealed)),
    },
  }
}
