// Adapters of the library as the screens see them: a person's word before that of the files beside, and that before the file's own.
import { basename, dirname } from 'node:path/posix'
import { basename as systemBasename } from 'node:path'
import type { AdapterCard, AdapterDetails } from '../api/methods/library.ts'
import { adapterName } from '../operations/adapter-files.ts'
import type { LibraryEntry } from './adapter-entry.ts'
import { unused, type Usage } from './adapter-usage.ts'
import type { MediaNames } from './media.ts'

/** By its file alone. */
export const shortName = ({ file }: Pick<LibraryEntry, 'file'>): string => adapterName(basename(file)).replace(/\.(ckpt|pt)$/i, '')

/** With its folders, by which two of one name differ. */
export const longName = ({ root, file }: Pick<LibraryEntry, 'root' | 'file'>): string =>
  [...(root ? [systemBasename(root)] : []), dirname(file), shortName({ file })].filter((part) => part !== '.').join('/')

export const titleOf = (entry: LibraryEntry): string => entry.title || entry.beside.model || entry.facts.title || shortName(entry)

export const triggersOf = ({ triggers, facts, beside }: LibraryEntry): readonly string[] =>
  triggers ?? (facts.triggers.length > 0 ? facts.triggers : (beside.words ?? []))

export const coverOf = ({ cover, preview }: Pick<LibraryEntry, 'cover' | 'preview'>): string | undefined => cover ?? preview

/** Strengths are those of a stack, whatever a stranger prefers. */
const weightOf = ({ weight, beside }: LibraryEntry): number | undefined => {
  const wanted = weight ?? beside.weight
  return wanted === undefined ? undefined : Math.min(2, Math.max(-2, wanted))
}

export interface CardParts {
  readonly name: string
  readonly path: string
  readonly media: MediaNames
  readonly usage: Usage | undefined
}

export function cardOf(entry: LibraryEntry, { name, path, media, usage = unused }: CardParts): AdapterCard {
  const { facts, root, file, at, problem } = entry
  const [cover, weight] = [coverOf(entry), weightOf(entry)]
  const inside = dirname(file) === '.' ? '' : dirname(file)
  return {
    id: entry.id,
    kind: facts.kind,
    name,
    title: titleOf(entry),
    triggers: triggersOf(entry),
    triggerSets: entry.triggerSets,
    ...(weight === undefined ? {} : { weight }),
    family: facts.family,
    base: facts.base,
    width: facts.width,
    format: facts.format,
    ranks: facts.ranks,
    layers: facts.layers,
    ...(facts.vectors === undefined ? {} : { vectors: facts.vectors }),
    bytes: entry.bytes,
    source: entry.source,
    ...(entry.run ? { run: entry.run } : {}),
    folder: [...(root ? [systemBasename(root)] : []), ...(inside ? [inside] : [])].join('/'),
    watched: root !== '',
    tags: entry.tags,
    notes: entry.notes,
    rating: entry.rating,
    favourite: entry.favourite,
    ...(cover ? { cover: media.ofFile(cover, cover === entry.preview ? entry.besideStamp : at) } : {}),
    media: media.ofFile(path, entry.stamp || at, 'file'),
    at,
    used: usage,
    content: entry.hash ?? entry.content,
    leftOut: facts.leftOut.length,
    besideBroken: entry.besideProblems.length,
    ...(problem ? { error: problem } : {}),
  }
}

export function detailsOf(entry: LibraryEntry, parts: CardParts, metadata: AdapterDetails['metadata']): AdapterDetails {
  const { facts, beside, besideProblems } = entry
  return { ...cardOf(entry, parts), path: parts.path, metadata, layersByNetwork: facts.layersByNetwork, beside, besideProblems }
}
