// A folder of pictures and captions as training sees it: plain layout or kohya's `N_name` folders.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { withTrigger } from '../adapters/triggers.ts'
import { systemLimit } from '../files/file-error.ts'
import { checkPicture, readPictureFile } from '../images/picture.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../spec/error.ts'
import { readSidecar } from './sidecar.ts'

/** What a picture without a caption gets: no training, the name of its folder, or nothing. */
export type MissingCaption = 'error' | 'folder-name' | 'empty'

export interface ScanOptions {
  readonly missingCaption?: MissingCaption
  /** Words put before every caption that does not start with them already. */
  readonly trigger?: string
  readonly maxPixels?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

export interface DatasetPicture {
  /** Relative to the data set, with `/` on every system. */
  readonly path: string
  readonly file: string
  /** Name of the folder it lies in, e.g. `10_moss`. */
  readonly folder: string
  readonly width: number
  readonly height: number
  readonly sha256: string
  readonly caption: string
  readonly repeats: number
}

export interface DatasetProblem {
  readonly path: string
  readonly record: ErrorRecord
}

export interface Dataset {
  readonly directory: string
  readonly pictures: readonly DatasetPicture[]
  /** Files and folders left out, each with the reason. */
  readonly problems: readonly DatasetProblem[]
  /** SHA-256 over path, picture and caption of every picture: equal for equal training data. */
  readonly fingerprint: string
}

const PICTURE = /\.(png|jpe?g|webp|avif)$/i
const KOHYA = /^(\d+)_(.*)$/
const MAX_REPEATS = 10_000
const MAX_PICTURES = 200_000
const AT_ONCE = 4

/** Reads a data set. Bad files become problems; only a folder without a single good picture is an error. */
export async function scanDataset(directory: string, options: ScanOptions = {}): Promise<Dataset> {
  const root = resolve(directory)
  const problems: DatasetProblem[] = []
  const found = await findPictures(root, problems)
  if (found.length === 0) {
    const sentence = `"${root}" holds no PNG, JPEG, WebP or AVIF picture. Choose a folder with pictures, or one with kohya folders such as "10_name".`
    throw new PigmentError('dataset-empty', sentence, { directory: root, problems: problems.slice(0, 20) })
  }
  if (found.length > MAX_PICTURES) {
    const sentence = `"${root}" holds ${found.length} pictures; ${MAX_PICTURES} are allowed. Choose a smaller folder.`
    throw new PigmentError('dataset-too-large', sentence, { directory: root, count: found.length, limit: MAX_PICTURES })
  }
  const pictures: DatasetPicture[] = []
  let done = 0
  const pending = found.values()
  const worker = async (): Promise<void> => {
    for (const candidate of pending) {
      options.signal?.throwIfAborted()
      try {
        pictures.push(await readCandidate(candidate, options))
      } catch (error) {
        problems.push({ path: candidate.path, record: errorRecord(error) })
      }
      options.onProgress?.(++done, found.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  pictures.sort(byPath)
  problems.sort(byPath)
  if (pictures.length === 0) {
    const first = problems[0]?.record
    const sentence = `None of the ${found.length} pictures in "${root}" can be used. The first problem: ${first?.message ?? ''}`
    throw new PigmentError('dataset-unusable', sentence, { directory: root, problems: problems.slice(0, 20) })
  }
  return { directory: root, pictures, problems, fingerprint: fingerprint(pictures) }
}

interface Candidate {
  readonly path: string
  readonly file: string
  readonly folder: string
  readonly repeats: number
  /** The folder's own words, for pictures without a caption. */
  readonly words: string
  /** Caption files beside it, the preferred one first. */
  readonly sidecars: readonly string[]
}

async function findPictures(root: string, problems: DatasetProblem[]): Promise<Candidate[]> {
  const entries = await list(root)
  const name = basename(root)
  const own = KOHYA.exec(name)
  const found = candidates(root, '', name, 1, own?.[2] ?? name, fileNames(entries))
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const [, count = '', words = ''] = KOHYA.exec(entry.name) ?? []
    const repeats = Number(count)
    if (repeats >= 1 && repeats <= MAX_REPEATS) {
      try {
        const inside = fileNames(await list(join(root, entry.name)))
        found.push(...candidates(join(root, entry.name), `${entry.name}/`, entry.name, repeats, words, inside))
      } catch (error) {
        problems.push({ path: entry.name, record: errorRecord(error) })
      }
    } else {
      const sentence = `The folder "${entry.name}" is left out: only folders named like "10_name" (1 to ${MAX_REPEATS} repeats) are read. Rename it to use its pictures.`
      problems.push({ path: entry.name, record: { code: 'folder-ignored', message: sentence, facts: { folder: entry.name } } })
    }
  }
  return found.sort(byPath)
}

function candidates(
  directory: string,
  prefix: string,
  folder: string,
  repeats: number,
  words: string,
  names: readonly string[],
): Candidate[] {
  const byStem = new Map<string, string[]>()
  for (const name of names) {
    const stem = /^(.+)\.(?:txt|caption)$/i.exec(name)?.[1]
    if (stem !== undefined) byStem.set(stem, [...(byStem.get(stem) ?? []), join(directory, name)])
  }
  return names
    .filter((name) => PICTURE.test(name) && !name.startsWith('.'))
    .map((name) => {
      const texts = byStem.get(name.replace(PICTURE, ''))?.sort() ?? []
      // `.txt` is what most tools write; an older `.caption` beside it is left alone.
      const sidecars = [...texts.filter((text) => /\.txt$/i.test(text)), ...texts.filter((text) => /\.caption$/i.test(text))]
      return { path: prefix + name, file: join(directory, name), folder, repeats, words, sidecars }
    })
}

type Entry = { readonly name: string; isDirectory(): boolean; isFile(): boolean; isSymbolicLink(): boolean }

const fileNames = (entries: readonly Entry[]): string[] =>
  entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map((entry) => entry.name)

async function list(directory: string): Promise<Entry[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (cause) {
    const sentence = `The folder "${directory}" cannot be read. Check that it exists, is a folder, and that you may read it.`
    throw systemLimit(cause, directory) ?? new PigmentError('dataset-missing', sentence, { directory }, cause)
  }
}

async function readCandidate(candidate: Candidate, options: ScanOptions): Promise<DatasetPicture> {
  const { path, file, folder, repeats } = candidate
  const bytes = await readPictureFile(file)
  const { width, height } = await checkPicture(bytes, basename(path), { maxPixels: options.maxPixels })
  const caption = withTrigger(await captionOf(candidate, options.missingCaption ?? 'error'), options.trigger?.trim() ?? '')
  return { path, file, folder, width, height, sha256: createHash('sha256').update(bytes).digest('hex'), caption, repeats }
}

async function captionOf({ path, sidecars, words }: Candidate, missing: MissingCaption): Promise<string> {
  const [sidecar] = sidecars
  const caption = sidecar === undefined ? '' : await readSidecar(sidecar)
  if (caption !== '' || missing === 'empty') return caption
  if (missing === 'folder-name' && words !== '') return words
  const name = basename(path)
  const what = sidecar === undefined ? 'has no caption' : 'has an empty caption file'
  const sentence = `"${name}" ${what}. Write one into "${name.replace(PICTURE, '.txt')}", or use the folder's name for pictures without captions.`
  throw new PigmentError('caption-missing', sentence, { path })
}

function fingerprint(pictures: readonly DatasetPicture[]): string {
  const hash = createHash('sha256')
  for (const { path, sha256, caption } of pictures) hash.update(`${JSON.stringify([path, sha256, caption])}\n`)
  return hash.digest('hex')
}

/** By code point, the same on every system and in every locale. */
function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))
}
