import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cautions } from '../../../engine/datasets/cautions/index.ts'
import { bucketFitter, type BucketOptions } from '../../../engine/datasets/buckets.ts'
import { scanDataset, type Dataset } from '../../../engine/datasets/dataset.ts'
import { tagFrequency } from '../../../engine/datasets/tags.ts'
import { refusePickledFolder } from '../../../engine/files/pickle.ts'
import { isPhotoName } from '../../../engine/images/picture-formats.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { errorRecord } from '../../../engine/requests/error.ts'
import { embeddedPath, hasEmbedded } from '../../places/embedded.ts'
import { countBy } from '../count-by.ts'
import type { Subject } from './subject.ts'

const mostTags = 20
const withoutCaption = {
  code: 'caption-missing',
  message:
    'It has no caption, and is not trained on. Write one, or let the name of its folder stand for it (--caption-policy folder-name).',
}

export const datasetSubject = {
  name: 'dataset',

  async recognise({ path, folder, names }) {
    if (!folder) return { no: 'it is not a folder' }
    if (await holdsPictures(path, names)) return 'yes'
    refusePickledFolder(path, names)
    return { no: names.length === 0 ? 'it is empty' : 'it holds no picture, and no folder with one' }
  },

  async inspect({ path }, { signal, model }) {
    const dataset = await scanDataset(path, { missingCaption: 'empty', signal })
    const { pictures, problems, fingerprint } = dataset
    const uncaptioned = pictures.filter(({ caption }) => caption === '')
    const options = await bucketOptions(model)
    const { buckets, unfit } = sortIntoBuckets(dataset, options)
    const unwise = cautions.flatMap((one) => one.look({ pictures, side: Math.round(Math.sqrt(options.area)) }) ?? [])
    return {
      kind: 'dataset' as const,
      path,
      pictures: pictures.length,
      shown: pictures.reduce((sum, { repeats }) => sum + repeats, 0),
      folders: countBy(pictures.map(({ folder }) => folder)),
      captioned: pictures.length - uncaptioned.length,
      withoutCaption: uncaptioned.map((picture) => picture.path),
      problems: [
        ...problems.map((problem) => ({ path: problem.path, ...brief(problem.record) })),
        ...uncaptioned.map(({ path: name }) => ({ path: name, ...withoutCaption })),
        ...unfit,
        ...unwise.map((one) => ({ path: '', ...brief(one) })),
      ],
      buckets,
      commonTags: commonTags(dataset),
      fingerprint,
    }
  },
} satisfies Subject

/** Whatever may once have been meant as a picture: which ones can be used is told when they are read. */
async function holdsPictures(path: string, names: readonly string[]): Promise<boolean> {
  if (names.some(isPhotoName)) return true
  for (const name of names) {
    const inside = await readdir(join(path, name)).catch((): string[] => [])
    if (inside.some(isPhotoName)) return true
  }
  return false
}

/** The buckets that training on this model uses. */
async function bucketOptions(model: string | undefined): Promise<BucketOptions> {
  if (model === undefined && !hasEmbedded()) return { area: 512 * 512, step: 64, min: 256, max: 1024 }
  const { unet, vae } = await openCheckpoint(model ?? embeddedPath)
  const factor = 2 ** (vae.config.blockOutChannels.length - 1)
  const side = unet.config.sampleSize * factor
  const step = factor * 2 ** (unet.config.blockOutChannels.length - 1)
  return { area: side * side, step, min: Math.max(step, Math.floor(side / 2 / step) * step), max: side * 2 }
}

function sortIntoBuckets({ pictures }: Dataset, options: BucketOptions) {
  const fit = bucketFitter(options)
  const unfit: { path: string; code: string; message: string }[] = []
  const names = pictures.flatMap((picture) => {
    try {
      const { bucket } = fit(picture)
      return [`${bucket.width}x${bucket.height}`]
    } catch (error) {
      unfit.push({ path: picture.path, ...brief(errorRecord(error)) })
      return []
    }
  })
  return { buckets: countBy(names), unfit }
}

function brief({ code, message }: { code: string; message: string }): { code: string; message: string } {
  return { code, message }
}

function commonTags({ pictures }: Dataset): Record<string, number> {
  const counts = new Map<string, number>()
  for (const folder of Object.values(tagFrequency(pictures)))
    for (const [tag, count] of Object.entries(folder)) counts.set(tag, (counts.get(tag) ?? 0) + count)
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]).slice(0, mostTags))
}
