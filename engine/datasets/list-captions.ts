// The captions that the lists of a data set give to its pictures.
import type { ErrorRecord } from '../requests/error.ts'
import { pictureStem } from '../images/picture-formats.ts'
import { listProblem, type CaptionList } from './caption-lists.ts'

export interface PlacedList extends CaptionList {
  readonly name: string
  /** The folder that it lies in; '' is the set's own. */
  readonly folder: string
}
export interface PlacedPicture {
  readonly folder: string
  readonly name: string
}

/** Captions by picture, and what is wrong with lists. Later lists go before earlier ones, and a folder's own before the set's. */
export function captionsFromLists(lists: readonly PlacedList[], pictures: readonly PlacedPicture[]) {
  const captions = new Map<PlacedPicture, string>()
  const problems: { readonly path: string; readonly record: ErrorRecord }[] = []
  for (const list of lists.toSorted((a, b) => a.folder.length - b.folder.length)) {
    const path = list.folder ? `${list.folder}/${list.name}` : list.name
    if (list.problem) problems.push({ path, record: list.problem })
    const { matched, unclear } = match(list, pictures)
    for (const [picture, caption] of matched) captions.set(picture, caption)
    const say = (why: string): unknown => problems.push({ path, record: listProblem(list.name, why) })
    if (unclear.length > 0) say(`${unclear.length} of its names are those of several pictures, e.g. "${unclear[0]}".`)
    else if (matched.size === 0 && list.captions.size > 0) say('None of its names is that of a picture here.')
  }
  return { captions, problems }
}

/** By path, with or without an ending; else by the end of a longer path, which was one on another machine, or by the bare name. */
function match(list: PlacedList, pictures: readonly PlacedPicture[]) {
  const matched = new Map<PlacedPicture, string>()
  const used = new Set<string>()
  const rest: PlacedPicture[] = []
  for (const picture of pictures) {
    if (list.folder !== '' && list.folder !== picture.folder) continue
    const key = keysOf(picture, list.folder).find((one) => list.captions.has(one))
    if (key === undefined) rest.push(picture)
    else matched.set(picture, list.captions.get(key) ?? '')
    if (key !== undefined) used.add(key)
  }
  const ends = new Map<string, string>()
  for (const [key, caption] of list.captions) {
    if (used.has(key)) continue
    const parts = key.split('/')
    for (const count of [2, 1]) if (parts.length >= count) ends.set(parts.slice(-count).join('/'), caption)
  }
  /** The folders in which a name was found. */
  const places = new Map<string, Map<string, PlacedPicture[]>>()
  for (const picture of rest) {
    const key = [...keysOf(picture, ''), ...keysOf(picture, picture.folder)].find((one) => ends.has(one))
    if (key === undefined) continue
    matched.set(picture, ends.get(key) ?? '')
    const folders = places.get(key) ?? new Map<string, PlacedPicture[]>()
    folders.set(picture.folder, [...(folders.get(picture.folder) ?? []), picture])
    places.set(key, folders)
  }
  const unclear = [...places].filter(([, folders]) => folders.size > 1)
  for (const [, folders] of unclear) for (const picture of [...folders.values()].flat()) matched.delete(picture)
  return { matched, unclear: unclear.map(([key]) => key) }
}

/** What a list in a folder may call a picture. */
function keysOf({ folder, name }: PlacedPicture, from: string): string[] {
  const way = folder === from ? '' : `${folder}/`
  return [`${way}${name}`, `${way}${pictureStem(name)}`]
}
