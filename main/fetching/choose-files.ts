// What of a repository is fetched: the networks of a diffusers folder in their smaller form, an adapter's folder, or one file.
import { PigmentError } from '../../engine/requests/error.ts'
import { isPickle, isSafetensors, onlyPickles } from './plan.ts'

export interface Chosen {
  readonly files: readonly string[]
  /** One that stands for itself, and no folder. */
  readonly single: boolean
}

const networks: readonly { readonly folder: string; readonly stem: string; readonly needed: boolean }[] = [
  { folder: 'unet', stem: 'diffusion_pytorch_model', needed: true },
  { folder: 'vae', stem: 'diffusion_pytorch_model', needed: true },
  { folder: 'text_encoder', stem: 'model', needed: true },
  { folder: 'text_encoder_2', stem: 'model', needed: false },
]
const small =
  /^(model_index\.json|(scheduler|unet|vae|text_encoder(_2)?)\/[\w]*config\.json|tokenizer(_2)?\/[\w]+\.(json|txt)|licen[cs]e(\.(md|txt))?)$/i
const adapterFolder = ['adapter_config.json', 'adapter_model.safetensors']

/** Names of files with their folders. Throws `fetch-choose`, `fetch-pickle`, `fetch-nothing`, `fetch-not-found`. */
export function chooseFiles(names: readonly string[], file: string | undefined, page: string, repo: string): Chosen {
  if (file !== undefined) return { files: [named(names, file, page)], single: true }
  if (names.includes('model_index.json')) return { files: diffusersFiles(names, page), single: false }
  if (adapterFolder.every((name) => names.includes(name))) return { files: adapterFolder, single: false }
  const found = names.filter((name) => isSafetensors(name) && !name.includes('/'))
  const [first] = found
  if (first !== undefined && found.length === 1) return { files: [first], single: true }
  const all = names.filter(isSafetensors)
  if (all.length > 0)
    throw new PigmentError(
      'fetch-choose',
      `"${repo}" holds several files: ${all.slice(0, 8).join(', ')}${all.length > 8 ? ' …' : ''}. Name the one that you want: ${repo}:${all[0]}.`,
      { repo, names: all.slice(0, 40), first: all[0] },
    )
  const pickles = names.filter(isPickle)
  if (pickles.length > 0) throw onlyPickles(page, pickles)
  throw new PigmentError('fetch-nothing', `"${repo}" holds no model and no adapter. Open ${page} in a browser and check it.`, {
    repo,
    page,
  })
}

function named(names: readonly string[], file: string, page: string): string {
  if (isPickle(file)) throw onlyPickles(page, [file])
  if (!isSafetensors(file))
    throw new PigmentError('fetch-nothing', `"${file}" is no .safetensors file. Name one that is.`, { repo: file, page })
  if (names.includes(file)) return file
  throw new PigmentError('fetch-not-found', `There is no "${file}" on ${page}. Check the name of the file.`, {
    where: `${page} ${file}`,
    status: 404,
    page,
  })
}

/** Of each network the fp16 form before the whole one, and one file before its parts; of the rest what tells how to use them. */
function diffusersFiles(names: readonly string[], page: string): string[] {
  const weights = networks.flatMap(({ folder, stem, needed }) => {
    const inside = names.filter((name) => name.startsWith(`${folder}/`))
    const found = weightsOf(inside, `${folder}/${stem}`)
    if (found.length > 0 || (!needed && inside.length === 0)) return found
    const pickles = inside.filter(isPickle)
    if (pickles.length > 0) throw onlyPickles(page, pickles)
    throw new PigmentError('fetch-nothing', `"${page}" has no weights of "${folder}", so it is no whole model. Choose another one.`, {
      repo: page,
      page,
      folder,
    })
  })
  return [...names.filter((name) => small.test(name) && !name.includes('.index.')), ...weights]
}

function weightsOf(names: readonly string[], stem: string): string[] {
  const parts = (variant: string): string[] => {
    const index = names.find((name) => name === `${stem}.safetensors.index${variant}.json`)
    const shards = names.filter((name) => name.startsWith(`${stem}${variant}-0`) && isSafetensors(name))
    return index !== undefined && shards.length > 0 ? [index, ...shards] : []
  }
  for (const variant of ['.fp16', '']) {
    const whole = names.find((name) => name === `${stem}${variant}.safetensors`)
    const found = whole === undefined ? parts(variant) : [whole]
    if (found.length > 0) return found
  }
  return []
}
