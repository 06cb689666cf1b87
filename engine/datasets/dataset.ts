// A folder of pictures and captions as training sees it: plain layout or kohya's `N_name` folders.
import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { withTrigger } from '../adapters/triggers.ts'
import type { MaskChannel } from '../images/mask.ts'
import { isForeignName, readableFormats } from '../images/picture-formats.ts'
import { checkPicture, readPictureFile } from '../images/picture.ts'
import { errorRecord, PigmentError } from '../requests/error.ts'
import type { PictureSet } from '../requests/picture-sets.ts'
import type { Found } from './found.ts'
import { byPath, scanFolder, wordsOf, type LeftOut } from './scan-folder.ts'

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

/** Which part of a picture is learnt. */
export interface PictureMask {
  readonly file: string
  readonly channel: MaskChannel
  readonly sha256: string
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
  readonly mask?: PictureMask
  /** What its set has of its own, where it is a further one of a run. */
  readonly own?: OwnSettings
}
/** What is not there is as the run says. */
export type OwnSettings = Partial<Omit<PictureSet, 'folder' | 'repeats'>>

export interface Dataset {
  readonly directory: string
  readonly pictures: readonly DatasetPicture[]
  /** Files and folders left out, each with the reason. */
  readonly problems: readonly LeftOut[]
  /** SHA-256 over path, picture and caption of every picture: equal for equal training data. */
  readonly fingerprint: string
}

const AT_ONCE = 4

/** Reads a data set. Bad files become problems; only a folder without a single good picture is an error. */
export async function scanDataset(directory: string, options: ScanOptions = {}): Promise<Dataset> {
  const root = resolve(directory)
  const { found, leftOut } = await scanFolder(root)
  const problems = [...leftOut]
  if (found.size === 0) {
    const sentence = `"${root}" holds no ${readableFormats} picture. Choose a folder with pictures, or one with kohya folders such as "10_name".`
    throw new PigmentError('dataset-empty', sentence, { directory: root, problems: problems.slice(0, 20) })
  }
  const pictures: DatasetPicture[] = []
  let done = 0
  const pending = found.values()
  const worker = async (): Promise<void> => {
    for (const one of pending) {
      options.signal?.throwIfAborted()
      try {
        pictures.push(await readFound(one, root, options))
      } catch (error) {
        const record = errorRecord(error)
        const foreign = record.code === 'picture-format' && isForeignName(one.path)
        problems.push({ path: one.path, record: foreign ? { ...record, code: 'left-out-picture' } : record })
      }
      options.onProgress?.(++done, found.size)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  pictures.sort(byPath)
  problems.sort(byPath)
  if (pictures.length === 0) {
    const first = problems[0]?.record
    const sentence = `None of the ${found.size} pictures in "${root}" can be used. The first problem: ${first?.message ?? ''}`
    throw new PigmentError('dataset-unusable', sentence, { directory: root, problems: problems.slice(0, 20) })
  }
  return { directory: root, pictures, problems, fingerprint: fingerprint(pictures) }
}

async function readFound(found: Found, root: string, options: ScanOptions): Promise<DatasetPicture> {
  const { path, file, repeats } = found
  const folder = found.folder || basename(root)
  const bytes = await readPictureFile(file)
  const { width, height } = await checkPicture(bytes, basename(path), { maxPixels: options.maxPixels })
  const caption = withTrigger(captionOf(found, wordsOf(folder), options.missingCaption ?? 'error'), options.trigger?.trim() ?? '')
  return { path, file, folder, width, height, sha256: createHash('sha256').update(bytes).digest('hex'), caption, repeats }
}

/** `words` are those of the folder, for pictures without a caption. */
function captionOf({ path, caption, pair, captionProblem }: Found, words: string, missing: MissingCaption): string {
  if (captionProblem) throw new PigmentError(captionProblem.code, captionProblem.message, { ...captionProblem.facts })
  if (caption !== '' || missing === 'empty') return caption
  if (missing === 'folder-name' && words !== '') return words
  const what = pair.caption === undefined ? 'has no caption' : 'has an empty caption file'
  const sentence = `"${pair.picture}" ${what}. Write one into "${pair.own}", or let the name of its folder stand for it (--caption-policy folder-name).`
  throw new PigmentError('caption-missing', sentence, { path })
}

function fingerprint(pictures: readonly DatasetPicture[]): string {
  const hash = createHash('sha256')
  for (const { path, sha256, caption } of pictures) hash.update(`${JSON.stringify([path, sha256, caption])}\n`)
  return hash.digest('hex')
}
