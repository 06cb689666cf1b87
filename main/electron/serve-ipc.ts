// The one wrapper of every channel: who asks is checked before what is asked.
import { Readable } from 'node:stream'
import type { IpcMainInvokeEvent } from 'electron'
import { z } from 'zod'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { Reply } from '../api/transport.ts'
import type { StudioHost } from '../host/host.ts'
import { channels, pageOrigin, type HandedFile } from './channels.ts'
import type { Electron, Window } from './electron-api.ts'

const handed = z
  .array(z.strictObject({ path: z.string().max(4096), file: z.string().max(4096), bytes: z.instanceof(Uint8Array).optional() }))
  .max(20_000)

/** Serves a host to the pages of these windows until the returned function is called. */
export function serveIpc({ ipcMain }: Pick<Electron, 'ipcMain'>, host: StudioHost, windows: () => readonly Window[]): () => void {
  const guarded = (channel: string, answer: (...input: unknown[]) => Promise<Reply>): void =>
    ipcMain.handle(channel, async (event, ...input: unknown[]): Promise<Reply> => {
      if (!isOurs(event)) return refusal
      try {
        return await answer(...input)
      } catch (error) {
        return { ok: false, error: errorRecord(error) }
      }
    })
  guarded(channels.invoke, (method, input) => host.invoke(String(method), input))
  guarded(channels.drop, async (files) => ({ ok: true, value: { drop: await takeFiles(host, handed.parse(files)) } }))
  const stop = host.listen((envelope) => {
    for (const window of windows()) if (!window.isDestroyed()) window.webContents.send(channels.event, envelope)
  })
  return () => {
    stop()
    ipcMain.removeHandler(channels.invoke)
    ipcMain.removeHandler(channels.drop)
  }
}

const refusal: Reply = { ok: false, error: { code: 'sender-refused', message: 'Only a page of the studio may ask for this.', facts: {} } }

/** The top frame of a page of ours. A frame that is gone, or inside another, or elsewhere, is not. */
function isOurs({ senderFrame }: IpcMainInvokeEvent): boolean {
  if (!senderFrame || senderFrame.parent) return false
  try {
    const { protocol, host } = new URL(senderFrame.url)
    return `${protocol}//${host}` === pageOrigin
  } catch {
    return false
  }
}

async function takeFiles(host: StudioHost, files: readonly HandedFile[]): Promise<string> {
  if (files.length === 0) throw new PigmentError('drop-unknown', 'Nothing was dropped.', {})
  const paths = new Set(files.filter(({ bytes }) => !bytes).map(({ path, file }) => topOf(file, path)))
  const name = await host.drops.open()
  host.drops.refer(name, [...paths])
  for (const { path, bytes } of files) if (bytes) await host.drops.receive(name, path, Readable.from([bytes]))
  return name
}

/** Of a file inside a dropped folder, that folder: so that kohya's `10_name` is seen. */
export function topOf(file: string, path: string): string {
  const tail = path.replaceAll('\\', '/')
  const at = tail.indexOf('/')
  if (at < 1 || !file.replaceAll('\\', '/').endsWith(`/${tail}`)) return file
  return file.slice(0, file.length - tail.length + at)
}
