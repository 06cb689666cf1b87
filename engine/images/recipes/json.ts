// Programs that write one flat object: InvokeAI, NovelAI, Fooocus, SwarmUI and CivitAI's generator. They differ in the names of the same things.
import type { NamedLora, Recipe } from '../recipe.ts'
import { fileStem, isObject, numeral, parsedObject, told, words, type JsonObject } from './values.ts'

/** `program` where the text's keyword tells it. Nothing where the object has no prompt. */
export function jsonRecipe(object: JsonObject, text: string, program?: string): Recipe | undefined {
  if (isObject(object.sui_image_params)) return flat(object.sui_image_params, text, 'SwarmUI')
  // CivitAI's generator writes the graph that it ran, and beside it what a person had asked for, as text.
  const asked = typeof object.extraMetadata === 'string' ? parsedObject(object.extraMetadata) : object.extraMetadata
  if (isObject(asked)) return flat(asked, text, 'CivitAI')
  const version = words(object.version) ?? words(object.software) ?? ''
  return flat(object, text, program ?? (/fooocus/i.test(version) || object.metadata_scheme === 'fooocus' ? 'Fooocus' : 'JSON'))
}

type First = (...keys: readonly string[]) => unknown

function flat(object: JsonObject, text: string, program: string): Recipe | undefined {
  const values = new Map(Object.entries(object).map(([key, value]) => [key.toLowerCase().replace(/[^a-z0-9]/g, ''), value]))
  const first: First = (...keys) => keys.map((key) => values.get(key)).find((value) => value !== undefined && value !== null)
  const texts = ['prompt', 'positiveprompt', 'positive'].map((key) => first(key)).filter((one) => typeof one === 'string')
  const prompt = texts.find((one) => one !== '') ?? texts[0]
  if (prompt === undefined || parsedObject(prompt)) return undefined
  const settings = told([
    ['Steps', numeral(first('steps'))],
    ...samplerOf(program, first),
    ['CFG scale', numeral(first('cfgscale', 'guidancescale', 'cfg', 'scale'))],
    ['Seed', numeral(first('seed'))],
    ['Size', sizeOf(first)],
    ['Model', modelOf(first('model', 'basemodel', 'basemodelname', 'modelname'))],
    ...beside(program, first),
  ])
  return { program, prompt, negativePrompt: words(first('negativeprompt', 'uc', 'negative')) ?? '', settings, loras: lorasOf(first), text }
}

/** InvokeAI calls diffusers' samplers schedulers; elsewhere a scheduler is the spacing of noise levels. */
function samplerOf(program: string, first: First): readonly (readonly [string, string | undefined])[] {
  const [sampler, scheduler] = [words(first('sampler', 'samplername')), words(first('scheduler', 'noiseschedule'))]
  return program === 'InvokeAI'
    ? [['Sampler', scheduler ?? sampler]]
    : [
        ['Sampler', sampler],
        ['Schedule type', scheduler],
      ]
}

/** Two sides, or Fooocus' "(1024, 768)". */
function sizeOf(first: First): string | undefined {
  const [width, height] = /(\d+)\D+(\d+)/.exec(words(first('resolution')) ?? '')?.slice(1) ?? [
    numeral(first('width')),
    numeral(first('height')),
  ]
  return width && height ? `${width}x${height}` : undefined
}

/** A name, a file, or InvokeAI's record of one. */
function modelOf(value: unknown): string | undefined {
  const name = isObject(value) ? (words(value.name) ?? words(value.model_name)) : words(value)
  return name === undefined ? undefined : fileStem(name)
}

/** What changes a picture and is named when it is not here. */
function beside(program: string, first: First): readonly (readonly [string, string | undefined])[] {
  const clipSkip = numeral(first('clipskip'))
  // SwarmUI counts as ComfyUI does, from the last layer.
  const clipLayer = Number(numeral(first('clipstopatlayer')) ?? 0)
  const styles = first('styles')
  const from = first('initimage', 'initialimage')
  const strength = numeral(first('strength', 'denoisingstrength', 'denoise', 'initimagecreativity'))
  return [
    // InvokeAI counts the layers that are skipped, the others the layer that is taken.
    [
      'Clip skip',
      clipLayer < 0 ? String(-clipLayer) : clipSkip !== undefined && program === 'InvokeAI' ? String(Number(clipSkip) + 1) : clipSkip,
    ],
    ['Denoising strength', from !== undefined ? (strength ?? '?') : undefined],
    ['Hires upscale', first('hrfenabled') === true ? (numeral(first('hrfstrength')) ?? '?') : numeral(first('refinerupscale'))],
    ['ControlNet', guides.some((key) => hasSome(first(key))) ? '?' : undefined],
    ['VAE', modelOf(first('vae'))],
    ['Refiner', modelOf(first('refinermodel'))],
    ['CFG Rescale', numeral(first('cfgrescalemultiplier', 'cfgrescale', 'rescalecfgmultiplier'))],
    ['Tiling', seamless(first('seamlessx') === true, first('seamlessy') === true)],
    ['Styles', hasSome(styles) ? styles.join(', ') : words(styles)],
  ]
}

/** Of axes, as a picture of our own tells it; A1111 has both alone. */
const seamless = (x: boolean, y: boolean): string | undefined => (x && y ? 'True' : x ? 'X' : y ? 'Y' : undefined)

/** Pictures that lead the drawing, in InvokeAI and NovelAI. */
const guides = ['controlnets', 'ipadapters', 't2iadapters', 'referenceimagemultiple']
const hasSome = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0

/**
 * InvokeAI: `[{ model: { name }, weight }]`, older `[{ lora: { model_name }, weight }]`; Fooocus: `[[name, weight, hash]]`; SwarmUI: names in one
 * list and weights in another; CivitAI: resources with a weight.
 */
function lorasOf(first: First): NamedLora[] {
  const [list, weights] = [first('loras', 'resources'), first('loraweights')]
  if (!Array.isArray(list)) return []
  return (list as readonly unknown[]).slice(0, 64).flatMap((one, i): NamedLora[] => {
    if (isObject(one) && typeof one.type === 'string' && !/lora|lycoris|locon|dora/i.test(one.type)) return []
    const [named, strength] = isObject(one)
      ? [modelOf(one.model ?? one.lora ?? one.name ?? one.modelName), one.weight ?? one.strength]
      : Array.isArray(one)
        ? [modelOf(one[0]), one[1] as unknown]
        : [modelOf(one), Array.isArray(weights) ? (weights[i] as unknown) : undefined]
    return named && !/^none$/i.test(named) ? [{ name: named, weight: Number(numeral(strength) ?? 1) }] : []
  })
}
