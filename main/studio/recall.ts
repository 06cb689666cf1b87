// A form from what a picture says of itself. Its text is a stranger's: every value is checked, and names are only looked up.
import type { z } from 'zod'
import type { NamedLora } from '../../engine/images/recipe.ts'
import { noiseSourceOfProgram } from '../../engine/noise-sources/chosen.ts'
import { compositionOf, ofComposition } from '../../engine/adapters/stack-course.ts'
import { valueSaid, writtenFields } from '../../engine/requests/settings-line.ts'
import { askedPrompts, generateForm, stackEntry, type AskedPrompts, type Recalled } from '../api/methods/generate.ts'
import type { ModelCard } from '../api/methods/models.ts'
import { strengthSaid, type SaidStrength, type Strength } from '../../engine/requests/strength.ts'
import { loraMention, parsePrompt } from '../api/prompt.ts'
import { ownBlockPresets } from '../places/block-presets.ts'
import { drawable } from '../stores/drawable.ts'
import type { Library } from '../stores/library.ts'
import type { Said } from '../operations/tools/recall.ts'
import { conditionsHere, conditionsSaid } from './recalled-conditions.ts'
import { embeddingsNotHere } from './recalled-embeddings.ts'
import { regionsHere } from './recalled-regions.ts'
import { optionsHere, optionsSaid } from './recalled-options.ts'
import { samplingSaid } from './recalled-sampling.ts'
import { settingsNotHere } from './settings-not-here.ts'

type Form = z.output<typeof generateForm>
type Missing = Recalled['missing'][number]

interface Given extends Said {
  readonly own?: Form
  readonly asked?: AskedPrompts | undefined
  /** Pictures that were given to draw from before, by their content. */
  readonly kept?: readonly string[]
}

/** Ours where the picture carries a form; else from its settings. */
export function recalledForm(given: Given, library: Library, models: readonly ModelCard[]): Recalled {
  const { said, unfit: notHere } = regionsHere(given, library)
  const settings = new Map(said.settings)
  const { text: prompt, loras: mentions } = said.own ? { text: '', loras: [] } : parsePrompt(said.prompt)
  const { stack, tags, missing } = adaptersOf([...mentions, ...said.loras], library)
  missing.push(...notHere)
  // A hash alone, as older pictures have it, is no name that is looked for, but it says that there was a model.
  const modelName = settings.get('Model') ?? settings.get('Model hash')
  const model = modelName === undefined ? undefined : models.find(({ name }) => sameModel(name, modelName))
  if (modelName && !model) missing.push({ kind: 'model', name: modelName })
  const asked = said.asked ?? templatesSaid(said.prompt, said.negative, settings)
  const texts = said.own ? [said.own.prompt, said.own.negative] : [prompt, said.negative]
  missing.push(...embeddingsNotHere(settings, texts, library))
  if (said.own) {
    // No path out of a picture is opened.
    const { model: named, vae, ...own } = said.own
    if (vae !== undefined) missing.push({ kind: 'setting', name: `VAE ${vae.split(/[\\/]/).at(-1) ?? ''}` })
    const { fitting, unfit } = optionsHere(own)
    const { conditions: _given, ...rest } = own
    const drawnFrom = conditionsHere(own, false)
    missing.push(...unfit, ...drawnFrom.unfit)
    const form = {
      ...rest,
      ...fitting,
      ...drawnFrom.fitting,
      stack: stackHere(own, stack, library),
      ...(models.some(({ id }) => id === named) ? { model: named } : model ? { model: model.id } : {}),
    }
    return { form, missing, text: said.text, ...(asked ? { asked } : {}) }
  }
  const sampling = samplingSaid(said.program, settings)
  missing.push(...sampling.unfit, ...settingsNotHere(sampling.rest))
  const { fitting, unfit } = fieldsSaid(settings)
  const composed = optionsSaid(ofComposition, compositionOf(fitting), settings)
  missing.push(...composed.unfit)
  const told = new Set(missing.map(({ name }) => name))
  missing.push(...unfit.flatMap((name) => (told.has(name) ? [] : { kind: 'setting' as const, name })))
  const values = {
    noiseSource: noiseSourceOfProgram(said.program),
    ...fitting,
    ...(Object.keys(composed.fitting).length > 0 ? { compositionOptions: composed.fitting } : {}),
    prompt: [prompt, ...tags].filter(Boolean).join(' '),
    negative: said.negative,
    ...sampling.fitting,
    // By sides hires fix is not here, and its strength is no other's.
    ...(settings.has('Hires resize') ? {} : conditionsSaid(settings)),
    model: model?.id,
  }
  const whole = Object.entries(values).filter(([key, value]) => fits(key, value))
  for (const [key, name] of prompts) if (!fits(key, values[key])) missing.push({ kind: 'setting', name: `${name} (${values[key].length})` })
  const form = generateForm.parse({ prompt: '', ...Object.fromEntries(whole), stack })
  return { form, missing, text: said.text, ...(asked ? { asked } : {}) }
}

/** What choices were made of, as A1111's dynamic prompts write it. */
function templatesSaid(prompt: string, negative: string, settings: ReadonlyMap<string, string>): AskedPrompts | undefined {
  const [template, kept] = [settings.get('Template'), settings.get('Negative Template')]
  const found = askedPrompts.safeParse({ prompt: template ?? prompt, negative: kept ?? negative })
  return (template === undefined && kept === undefined) || !found.success ? undefined : found.data
}

/** The stack of a form of ours; what has another id here is found by its name, unless the prompt's own tags bring it. */
function stackHere(own: Form, named: Form['stack'], library: Library): Form['stack'] {
  const known = own.stack.filter(({ adapter }) => has(library, adapter))
  if (known.length === own.stack.length) return own.stack
  const tagged = parsePrompt(own.prompt).loras.map(({ name }) => library.byName(name)?.id)
  const brought = new Set([...known.map(({ adapter }) => adapter), ...tagged])
  return [...known, ...named.filter(({ adapter }) => !brought.has(adapter))]
}

/** Those that the library has; of one adapter the first counts, whatever it is called. A strength beyond the ends of a stack's stays a tag. */
function adaptersOf(named: readonly NamedLora[], library: Library): { stack: Form['stack']; tags: string[]; missing: Missing[] } {
  const [stack, tags, missing]: [Form['stack'], string[], Missing[]] = [[], [], []]
  const seen = new Set<string>()
  for (const { name, ...said } of named) {
    const found = library.byName(name)
    const which = found?.id ?? name.toLowerCase()
    if (seen.has(which)) continue
    seen.add(which)
    if (!found) {
      missing.push({ kind: 'adapter', name })
      continue
    }
    const { strength, unread } = readable(said)
    missing.push(...unread.map((option) => ({ kind: 'setting' as const, name: option })))
    const entry = { adapter: found.id, ...strength, enabled: true }
    if (stackEntry.safeParse(entry).success) stack.push(entry)
    else tags.push(loraMention(library.nameOf(found.id), strength))
  }
  return { stack, tags, missing }
}

/** Options of a strength, each with those that it is read with. */
const strengthOptions = [['lbw', 'x'], ['lbwe'], ['start', 'stop', 'step'], ['curve']] as const

/** Another person's preset is not known here, nor what was drawn there: without it the adapter is whole, which is told. */
function readable(said: SaidStrength): { strength: Strength; unread: string[] } {
  const reading = { presets: ownBlockPresets() }
  let [read, unread]: [SaidStrength, string[]] = [{ weight: said.weight, textWeight: said.textWeight, region: said.region }, []]
  for (const keys of strengthOptions) {
    const given = keys.flatMap((key) => (said[key] === undefined ? [] : [[key, said[key]] as const]))
    const more = { ...read, ...Object.fromEntries(given) }
    try {
      strengthSaid(more, reading)
      read = more
    } catch {
      unread = [...unread, ...given.map(([key, text]) => `${key}=${text.slice(0, 60)}`)]
    }
  }
  return { strength: strengthSaid(read, reading), unread }
}

const sameModel = (name: string, said: string): boolean => plainModel(name) === plainModel(said)
const plainModel = (name: string): string => (name.split(/[\\/]/).at(-1) ?? '').replace(/\.(safetensors|ckpt)$/i, '').toLowerCase()

const prompts = [
  ['prompt', 'Prompt'],
  ['negative', 'Negative prompt'],
] as const

/** What a settings line says of the form's fields; values that do not fit are left to their default and named. */
function fieldsSaid(settings: ReadonlyMap<string, string>): { fitting: Partial<Form>; unfit: readonly string[] } {
  const fitting: Record<string, unknown> = {}
  const unfit: string[] = []
  const fields = new Map(writtenFields().map((field) => [field.written, field]))
  for (const [name, text] of settings) {
    const field = fields.get(name)
    if (!field) continue
    const value = valueSaid(field, text)
    if (fits(field.key, value)) fitting[field.key] = value
    else unfit.push(`${name} ${text.slice(0, 60)}`)
  }
  const size = settings.get('Size')
  const [width, height] = (size ?? '').split('x').map(Number)
  // One side without the other would be another picture.
  if (size !== undefined && fits('width', width) && fits('height', height)) Object.assign(fitting, { width, height })
  else if (size !== undefined) unfit.push(`Size ${size.slice(0, 60)}`)
  return { fitting, unfit }
}

function fits(key: string, value: unknown): boolean {
  const field = generateForm.shape[key as keyof typeof generateForm.shape] as z.ZodType
  return value !== undefined && field.safeParse(value).success
}

function has(library: Library, id: string): boolean {
  try {
    drawable(library, id)
    return true
  } catch {
    return false
  }
}
