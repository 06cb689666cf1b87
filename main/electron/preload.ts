// The whole of what a page can reach. No object of Electron crosses, only data.
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { Bridge } from '../api/bridge-transport.ts'
import { channels, type HandedFile } from './channels.ts'

const bridge: Bridge = {
  invoke: (method, input) => ipcRenderer.invoke(channels.invoke, method, input) as ReturnType<Bridge['invoke']>,
  listen: (listener) => void ipcRenderer.on(channels.event, (_event, envelope: Parameters<typeof listener>[0]) => listener(envelope)),
  drop: async (files) => {
    const handed = await Promise.all(
      files.map(async ({ path, blob }): Promise<HandedFile> => {
        const file = webUtils.getPathForFile(blob as File)
        return file ? { path, file } : { path, file, bytes: new Uint8Array(await blob.arrayBuffer()) }
      }),
    )
    return ipcRenderer.invoke(channels.drop, handed) as ReturnType<Bridge['drop']>
  },
}
contextBridge.exposeInMainWorld('pigment', bridge)
