import { basename } from 'node:path'

/** An adapter is called as its file, without the ending. */
export function fileName(path: string): string {
  return basename(path).replace(/\.safetensors$/i, '')
}
