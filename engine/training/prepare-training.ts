// What training reads over and over, made once: latents of every picture, states or tokens of every caption.
import type { Showing } from '../datasets/batches.ts'
import { captionVaries, plainCaption, shownCaption } from '../datasets/captions.ts'
import type { Dataset, DatasetPicture } from '../datasets/dataset.ts'
import { toModelRange, type Size } from '../images/model-range.ts'
import { maskCells, readMask } from '../images/mask.ts'
import { readPicture, readPictureFile } from '../images/picture.ts'
import { takesMask } from '../models/masked-input.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import type { RandomStream } from '../tensor/philox.ts'
import { PigmentError } from '../requests/error.ts'
import { encodePicture, type PictureLatent } from '../sessions/encode.ts'
import { allMasked } from '../sessions/masked-input.ts'
import type { Model } from '../sessions/open-model.ts'
import { preservationOf } from './preservations/preservation.ts'
import { captionReader, chunksOf, type Caption } from './captions.ts'
import { fitterOf } from './epochs.ts'
import { seenAs } from './picture-settings.ts'
import { computesText, trainedNetworks } from './trained-networks.ts'
import { placeholders } from './trigger-vectors.ts'
import { keptCaptions } from './varied-captions.ts'

export interface PreparedPicture extends Showing {
  readonly bucket: Size
  /** The file's own size, for families that are told of it. */
  readonly original: Size
  readonly repeats: number
  /** With all of its tags. */
  readonly caption: string
  /** As it is shown at a step, counted from 0, where it is another one each time. */
  readonly varied?: (random: RandomStream, step: number) => string
  /** How much it counts in the loss, beside the others; 1 where it is not told. */
  readonly weight?: number
  /** How much each cell of the latent counts, from 0 to 1, row by row; all alike where there is none. */
  readonly mask?: Float32Array
  readonly plain: PictureLatent
  readonly mirrored?: PictureLatent
}

export interface Prepared {
  readonly pictures: readonly PreparedPicture[]
  /** By their text, the empty one included; all have equally many tokens. */
  readonly captions: ReadonlyMap<string, Caption>
  /** Reads those that vary, as they are shown. */
  readonly read?: (caption: string) => Promise<Caption>
  /** Frames that each of them takes of a text encoder. */
  readonly chunks: number
  /** What a network for inpainting sees beside the latents, where all of a picture is masked: by the size of the bucket, `sizeName`. */
  readonly allMasked?: ReadonlyMap<string, Float32Array>
  /** Of pictures that are measured on and not trained on. */
  readonly apart?: Pick<Prepared, 'pictures' | 'captions' | 'allMasked'>
}

/** Of a bucket. */
export const sizeName = ({ width, height }: Size): string => `${width}x${height}`

/** Of the class: pictures, and how much each counts. */
export interface Beside {
  readonly pictures: readonly DatasetPicture[]
  readonly weight: number
}

export interface PrepareOptions {
  readonly beside?: Beside | undefined
  readonly apart?: readonly DatasetPicture[]
  readonly signal?: AbortSignal | undefined
}

/** Throws `cancelled` between two pictures, or two captions. */
export async function* prepareTraining(
  model: Model,
  dataset: Dataset,
  request: TrainRequest,
  { beside, apart = [], signal }: PrepareOptions = {},
): AsyncGenerator<TrainEvent, Prepared> {
  const found = [
    ...dataset.pictures.map((picture) => ({ picture, weight: picture.own?.weight })),
    ...(beside?.pictures ?? []).map((picture) => ({ picture, weight: (beside?.weight ?? 1) * (picture.own?.weight ?? 1) })),
    ...apart.map((picture) => ({ picture, weight: undefined })),
  ]
  const trained = found.length - apart.length
  const fit = fitterOf(model, request)
  const pictures: PreparedPicture[] = []
  for (const [i, { picture, weight }] of found.entries()) {
    yield { type: 'prepare', stage: 'latents', done: i, total: found.length }
    stopWhereAsked(signal, `Stopped after ${i} of ${found.length} pictures were prepared`)
    const seen = seenAs(picture, request)
    const { bucket, resized } = fit(picture)
    const pixels = await readPicture(picture.file)
    const encode = async (flip: boolean) => encodePicture(model, await toModelRange(pixels, bucket, { resized, flip }), bucket)
    const mirrored = seen.flip && i < trained ? await encode(true) : undefined
    const masked = picture.mask && (await readMask(await readPictureFile(picture.mask.file), picture.path, picture.mask.channel))
    pictures.push({
      bucket,
      original: { width: picture.width, height: picture.height },
      repeats: picture.repeats,
      caption: plainCaption(picture.caption, seen),
      ...(captionVaries(seen) ? { varied: (random: RandomStream, step: number) => shownCaption(picture.caption, seen, random, step) } : {}),
      flip: seen.flip,
      captionDropout: seen.captionDropout,
      captionDropoutEveryEpochs: seen.captionDropoutEveryEpochs,
      ...(weight === undefined ? {} : { weight }),
      ...(masked ? { mask: maskCells(masked, { bucket, resized }, model.pixelFactor) } : {}),
      plain: await encode(false),
      ...(mirrored ? { mirrored } : {}),
    })
  }
  const masked = await allMaskedIn(model, pictures)
  await model.release('encoder')
  const heard = yield* prepareCaptions(model, request, pictures.slice(0, trained), { signal })
  const measured = pictures.slice(trained)
  const told = measured.length > 0 ? yield* prepareCaptions(model, request, measured, { signal, beside: heard.chunks }) : undefined
  if (!heard.read) await model.release('text_encoder', 'text_encoder_2')
  const apartFrom = told && { pictures: measured, captions: told.captions, ...masked }
  return { pictures: pictures.slice(0, trained), ...heard, ...masked, ...(apartFrom ? { apart: apartFrom } : {}) }
}

/** Of a network for inpainting: it learns as it draws from a prompt alone. */
async function allMaskedIn(model: Model, pictures: readonly PreparedPicture[]): Promise<Pick<Prepared, 'allMasked'>> {
  if (!takesMask(model.checkpoint.unet.config)) return {}
  const all = new Map<string, Float32Array>()
  for (const { bucket } of pictures) {
    const beside = all.has(sizeName(bucket)) ? undefined : await allMasked(model, bucket)
    if (beside) all.set(sizeName(bucket), beside)
  }
  return { allMasked: all }
}

/** Of pictures that are trained on, or of those that are measured `beside` them in so many frames: where text encoders learn, the graph takes no more. */
async function* prepareCaptions(
  model: Model,
  request: TrainRequest,
  pictures: readonly PreparedPicture[],
  { signal, beside }: { readonly signal: AbortSignal | undefined; readonly beside?: number },
): AsyncGenerator<TrainEvent, Pick<Prepared, 'captions' | 'chunks' | 'read'>> {
  const read = new Map<string, Caption>()
  const shown = pictures.map(({ caption }) => caption)
  const captions = [...new Set(['', ...shown, ...(preservationOf(request).predictions?.captions(shown) ?? [])])]
  const embeddings = placeholders(model, request)
  const needed = (texts: readonly string[]): number => chunksOf(model, texts, embeddings)
  const chunks = beside !== undefined && computesText(request) ? beside : Math.max(beside ?? 1, needed(captions))
  const readCaption = captionReader(model, trainedNetworks(model.checkpoint, request), chunks, embeddings)
  for (const [i, caption] of captions.entries()) {
    if (i % 16 === 0) yield { type: 'prepare', stage: 'captions', done: i, total: captions.length }
    stopWhereAsked(signal, `Stopped after ${i} of ${captions.length} captions were prepared`)
    read.set(caption, await readCaption(shortened(caption, (text) => needed([text]) <= chunks)))
  }
  return { captions: read, chunks, ...(pictures.some(({ varied }) => varied) ? { read: keptCaptions(readCaption) } : {}) }
}

/** Its first words, as many as there is room for. */
function shortened(caption: string, fits: (text: string) => boolean): string {
  let text = caption
  while (!fits(text)) text = text.replace(/\s*\S+\s*$/, '')
  return text
}

/** Nothing is lost: what a checkpoint holds stays, and preparing is done anew. */
export function stopWhereAsked(signal: AbortSignal | undefined, where: string): void {
  if (signal?.aborted) throw new PigmentError('cancelled', `${where}. The same command prepares again and continues.`, {})
}
