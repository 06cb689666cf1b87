// Request bodies, never more of them than allowed.
import type { IncomingMessage } from 'node:http'
import { PigmentError } from '../../engine/spec/error.ts'

export const mostJsonBytes = 4 * 1024 * 1024

/** Throws `body-too-large` and `input-invalid`. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > mostJsonBytes)
      throw new PigmentError('body-too-large', `The request is larger than ${mostJsonBytes} bytes.`, { limit: mostJsonBytes })
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new PigmentError('input-invalid', 'The request is not JSON.', {}, cause)
  }
}
