// Bytes of pictures and files by their opaque name, as a Response that every shell can give.
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileError } from '../../engine/files/file-error.ts'
import { openRegular } from '../../engine/files/regular-file.ts'
import type { PictureFormat } from '../../engine/images/formats/format.ts'
import { sniffPicture } from '../../engine/images/picture-formats.ts'
import { errorRecord } from '../../engine/requests/error.ts'
import type { MediaNames } from '../stores/media.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { securityHeaders } from './security-headers.ts'

/** A thumbnail has one of these sides, so that a hostile page cannot fill the disk with sizes. */
const sides = [64, 128, 256, 512, 1024, 2048] as const
const largest = 2048
/** A name stands for one state of one file. */
const forGood = 'private, max-age=31536000, immutable'

export interface MediaServer {
  (name: string, side: number): Promise<Response>
}

export function mediaServer(media: MediaNames, thumbnails: string, tools: ToolsProcess): MediaServer {
  const making = new Map<string, Promise<unknown>>()

  const thumbnailOf = async (path: string, key: string, wanted: number): Promise<string> => {
    const side = sides.find((one) => one >= wanted) ?? largest
    const out = join(thumbnails, `${key}-${side}.webp`)
    if (await stat(out).catch(() => undefined)) return out
    const running = making.get(out) ?? tools.call('thumbnail', { path, side, out }).finally(() => making.delete(out))
    making.set(out, running)
    await running
    return out
  }

  return async (name, side) => {
    try {
      const found = media.find(name)
      if ('bytes' in found) return respond(found.bytes, { 'content-type': 'image/png', 'cache-control': 'no-store' })
      if (found.kind === 'file')
        return await file(found.path, 'application/octet-stream', { 'content-disposition': attachment(found.path) })
      if (side > 0) return await file(await thumbnailOf(found.path, found.key, side), 'image/webp')
      const format = await formatOf(found.path)
      if (!format.shown) return await file(await thumbnailOf(found.path, found.key, largest), 'image/webp')
      return await file(found.path, `image/${format.name}`)
    } catch (error) {
      const { code, message } = errorRecord(error)
      const status = code === 'media-unknown' || code === 'file-not-found' || code === 'picture-missing' ? 404 : 422
      return respond(
        JSON.stringify({ ok: false, error: { code, message, facts: {} } }),
        { 'content-type': 'application/json', 'cache-control': 'no-store' },
        status,
      )
    }
  }
}

/** As long as it is now: one that grows or is replaced while it is sent would not end where its head says. */
async function file(path: string, type: string, more: Record<string, string> = {}): Promise<Response> {
  const handle = await openRegular(path).catch((error: unknown) => {
    throw fileError(error, path, 'read')
  })
  const { size } = await handle.stat()
  if (size === 0) await handle.close()
  const body = size > 0 ? (Readable.toWeb(handle.createReadStream({ end: size - 1 })) as unknown as ReadableStream) : null
  return respond(body, { 'content-type': type, 'content-length': String(size), 'cache-control': forGood, ...more })
}

function respond(body: ConstructorParameters<typeof Response>[0], headers: Record<string, string>, status = 200): Response {
  return new Response(body, { status, headers: { ...securityHeaders, ...headers } })
}

/** By content, and only what we read: an SVG or a page in disguise is not served. */
async function formatOf(path: string): Promise<PictureFormat> {
  await using handle = await openRegular(path).catch((error: unknown) => {
    throw fileError(error, path, 'read')
  })
  const head = new Uint8Array(64)
  const { bytesRead } = await handle.read(head, 0, head.byteLength, 0)
  return sniffPicture(head.subarray(0, bytesRead), basename(path))
}

const attachment = (path: string): string => `attachment; filename*=UTF-8''${encodeURIComponent(basename(path)).replace(/['()*]/g, escape)}`
