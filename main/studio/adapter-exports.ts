// Where an export of the library goes, and with which picture.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Parts } from './parts.ts'

export const exportFolder = ({ settings, places }: Pick<Parts, 'settings' | 'places'>): string =>
  settings.value.exportFolder ?? places.exports

export function coverOf({ library }: Pick<Parts, 'library'>, adapter: string, wanted: boolean): { cover?: string } {
  const file = wanted ? library.coverOf(adapter) : undefined
  return file ? { cover: file } : {}
}

/** Never over what is there. */
export async function freeOut(folder: string, name: string, ending: string): Promise<string> {
  for (let i = 1; ; i++) {
    const path = join(folder, `${name}${i === 1 ? '' : ` ${i}`}${ending}`)
    if (!(await stat(path).catch(() => undefined))) return path
  }
}
