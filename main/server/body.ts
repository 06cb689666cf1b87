// Request bodies, never more of them than allowed, and not for ever.
import type { IncomingMessage } from 'node:http'
import { PigmentError } from '../../engine/requests/error.ts'

export interface BodyLimit {
  readonly bytes: number
  /** Milliseconds until the whole of it must be here. */
  readonly within: number
}

/** Throws `body-too-large`, `body-late` and `input-invalid`. */
export async function readJson(request: IncomingMessage, limit: BodyLimit): Promise<unknown> {
  const bytes = await readBytes(request, limit)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new PigmentError('input-invalid', 'The request is not JSON.', {}, cause)
  }
}

/** By events: a loop that is left over a request destroys its socket, and nobody would hear why. */
function readBytes(request: IncomingMessage, { bytes: most, within }: BodyLimit): Promise<Buffer> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (error?: Error): void => {
      clearTimeout(timer)
      request.off('data', onData).pause()
      if (error) fail(error)
      else done(Buffer.concat(chunks))
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.byteLength
      if (size > most) end(tooLarge(most))
      else chunks.push(chunk)
    }
    const timer = setTimeout(() => end(bodyLate(within)), within)
    // What says itself to be too large is not waited for.
    if (Number(request.headers['content-length'] ?? 0) > most) return end(tooLarge(most))
    request
      .on('data', onData)
      .on('end', () => end())
      .on('error', end)
      .on('close', () => end(new PigmentError('input-invalid', 'The request ended before its body did.', {})))
  })
}

const tooLarge = (limit: number): PigmentError =>
  new PigmentError('body-too-large', `The request is larger than ${limit} bytes.`, { limit })

/** A stream that says nothing for so many milliseconds is given up; the returned function ends the watch. */
export function watchSilence(request: IncomingMessage, milliseconds: number): () => void {
  request.setTimeout(milliseconds, () => request.destroy(bodyLate(milliseconds)))
  return () => void request.setTimeout(0)
}

const bodyLate = (milliseconds: number): PigmentError =>
  new PigmentError('body-late', `The request did not arrive: nothing more came within ${milliseconds / 1000} seconds. Try again.`, {
    seconds: milliseconds / 1000,
  })
