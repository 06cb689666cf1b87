// Who can say captions here: names and templates, and captioners in the data folder or where a person said that one is.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { captionersByName, findCaptioner } from '../../engine/captioning/find-captioner.ts'
import { errorRecord } from '../../engine/requests/error.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import type { CaptionWay } from '../api/methods/captioning.ts'
import type { Parts } from './parts.ts'

/** Where captioners lie that are Pigment's own. */
export const captionersFolder = 'captioners'

export async function captionWays({ settings, places }: Pick<Parts, 'settings' | 'places'>): Promise<readonly CaptionWay[]> {
  const own = join(places.root, captionersFolder)
  const inside = await readdir(own, { withFileTypes: true }).catch(() => [])
  const folders = [...inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(own, name)), ...settings.value.captioners]
  return [
    ...captionersByName.map(({ name, title, options }) => ({ with: name, kind: name, title, options: fieldsOf(options) })),
    ...(await Promise.all([...new Set(folders)].map(wayOf))),
  ]
}

async function wayOf(folder: string): Promise<CaptionWay> {
  const shared = { with: folder, folder }
  try {
    const { captioner } = await findCaptioner(folder)
    return { ...shared, kind: captioner.name, title: basename(folder), options: fieldsOf(captioner.options) }
  } catch (error) {
    return { ...shared, kind: '', title: basename(folder), options: [], problem: errorRecord(error) }
  }
}
