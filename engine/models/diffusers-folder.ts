// A diffusers folder: model_index.json, and a subfolder with config.json and weights for each network.
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { fileError } from '../files/file-error.ts'
import { onlyPickle, refusePickledFolder } from '../files/pickle.ts'
import { openSafetensors } from '../files/safetensors.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { families } from './families/index.ts'
import { readSettings, type JsonSettings } from './json-settings.ts'
import { noModel, unsupported } from './refusals.ts'
import { supportedTitles } from './supported.ts'
import { slicesOf } from './weights.ts'

export interface DiffusersFolder {
  readonly path: string
  /** `_class_name` of model_index.json. */
  readonly pipeline: string
  readonly unet: JsonSettings
  /** `force_zeros_for_empty_prompt` of model_index.json. */
  readonly emptyIsZero: boolean | undefined
  /** Whether the UNet projects tokens with linear layers. */
  readonly linearProjection: boolean
}

/** Opens model_index.json and unet/config.json. Throws `checkpoint-unsupported` for a folder or pipeline of another kind. */
export async function openFolder(path: string): Promise<DiffusersFolder> {
  const names = await list(path)
  if (!names.includes('model_index.json')) {
    if (names.includes('config.json') && (await list(dirname(path))).includes('model_index.json'))
      throw unsupported(path, 'part', 'is only one network of a checkpoint. Open the folder above it.')
    refusePickledFolder(path, names)
    throw noModel(path, names)
  }
  const index = await readSettings(join(path, 'model_index.json'))
  const named = index.string('_class_name') ?? 'unnamed'
  // What a folder's pipeline does with a picture is chosen here by what is drawn.
  const pipeline = named.replace(/(Img2Img|Inpaint)(?=Pipeline$)/, '')
  refusePipeline(path, { pipeline, named }, index)
  const unet = await readSettings(join(path, 'unet', 'config.json'))
  const emptyIsZero = index.boolean('force_zeros_for_empty_prompt')
  return { path, pipeline, unet, emptyIsZero, linearProjection: unet.boolean('use_linear_projection') ?? false }
}

/** Pipelines of diffusers that are no family's here. */
const others: readonly { readonly sign: RegExp; readonly kind: string; readonly what: string }[] = [
  { sign: /Pix2Pix/, kind: 'instruct-pix2pix', what: 'an instruct-pix2pix model' },
  { sign: /Depth/, kind: 'depth', what: 'a depth-to-image model' },
  { sign: /Upscale/, kind: 'upscaler', what: 'an upscaler' },
  { sign: /ControlNet/, kind: 'controlnet', what: 'a checkpoint with a ControlNet' },
  { sign: /LatentConsistency/, kind: 'latent-consistency', what: 'a guidance-distilled model' },
  { sign: /^StableDiffusion3/, kind: 'sd3', what: 'of the Stable Diffusion 3 family' },
  { sign: /^Flux/, kind: 'flux', what: 'of the Flux family' },
  { sign: /^/, kind: 'pipeline', what: 'of another family' },
]

function refusePipeline(path: string, { pipeline, named }: Readonly<Record<'pipeline' | 'named', string>>, index: JsonSettings): void {
  const known = families.some((family) => family.pipelines.includes(pipeline))
  const other = known ? undefined : others.find(({ sign }) => sign.test(named))
  const supported = `Open a text-to-image checkpoint of ${supportedTitles('or')}.`
  if (other) throw unsupported(path, other.kind, `is ${other.what} (${named}). ${supported}`, { pipeline: named })
  const first = index.fields['text_encoder']
  // An absent part stands in model_index.json as [null, null].
  const absent = !Array.isArray(first) || first[0] === null
  if (pipeline.startsWith('StableDiffusionXL') && absent)
    throw unsupported(
      path,
      'refiner',
      'is the SDXL refiner, which only finishes pictures of the base model. Open the SDXL base checkpoint.',
      { pipeline: named },
    )
}

/** Every tensor of one network, from one file or from shards. Throws `checkpoint-incomplete` without any. */
export async function networkWeights(folder: string, stem: string): Promise<Map<string, TensorSource>> {
  const names = await list(folder)
  const chosen = weightsFile(names, stem)
  if (chosen === undefined) {
    const pickle = onlyPickle(names)
    throw new PigmentError(
      'checkpoint-incomplete',
      pickle
        ? `"${folder}" has its weights only as "${pickle}", a pickle, which can run code when opened. Get the safetensors version of this checkpoint.`
        : `"${folder}" has no "${stem}.safetensors". The folder may be damaged or partly downloaded; get it again.`,
      { path: folder, missing: [`${stem}.safetensors`], missingCount: 1, ...(pickle ? { pickle } : {}) },
    )
  }
  const path = join(folder, chosen)
  if (!chosen.includes('.index.')) return slicesOf(await openSafetensors(path))
  return shards(path, folder)
}

/** The plain file before its shards, and both before a variant such as fp16. */
function weightsFile(names: readonly string[], stem: string): string | undefined {
  const patterns = [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    `${stem}.fp16.safetensors`,
    `${stem}.safetensors.index.fp16.json`,
  ]
  return (
    patterns.find((name) => names.includes(name)) ??
    names.find((name) => name.startsWith(`${stem}.`) && /\.(safetensors|safetensors\.index\..*json)$/.test(name))
  )
}

async function shards(path: string, folder: string): Promise<Map<string, TensorSource>> {
  const index = await readSettings(path)
  const map = index.fields['weight_map']
  const files = new Set(typeof map === 'object' && map !== null ? Object.values(map) : [])
  const weights = new Map<string, TensorSource>()
  for (const name of files) {
    // A shard lies beside its index; a name with a folder in it would lead elsewhere.
    if (typeof name !== 'string' || /[\\/]/.test(name))
      throw new PigmentError(
        'config-invalid',
        `"${path}": ${JSON.stringify(name)} is not the name of a file beside it. Get the folder again.`,
        { path },
      )
    for (const [key, source] of slicesOf(await openSafetensors(join(folder, name)))) weights.set(key, source)
  }
  return weights
}

/** The names in a folder. */
export async function list(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort()
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}
