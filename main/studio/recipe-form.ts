// A recipe as the form of the studio has it, and the form as a recipe: folders and models by their entries here.
import type { z } from 'zod'
import { oneDuration } from '../../engine/requests/duration-fields.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { samplePlan, trainingForm } from '../api/methods/training.ts'
import type { RecipeRead } from '../api/methods/recipe.ts'
import { usualBeside } from '../operations/usual-beside.ts'
import type { ReadRecipe } from '../operations/tools/read-recipe.ts'
import { recipeFields } from '../recipes/fields.ts'
import { writeRecipe } from '../recipes/write-recipe.ts'
import { embeddedId } from '../stores/models.ts'
import { safeName } from '../stores/safe-name.ts'
import type { Parts } from './parts.ts'

type Form = z.output<typeof trainingForm>
type Missing = RecipeRead['missing'][number]

/** Of a further set of pictures. */
interface Folder {
  readonly folder: string
}

const lastPart = (path: string): string => path.split(/[\\/]+/).findLast((part) => part !== '') ?? ''
const plainName = (path: string): string =>
  lastPart(path)
    .replace(/\.(safetensors|ckpt)$/i, '')
    .toLowerCase()

/** What the form has no field for (where the adapter goes, how it is stored) the studio decides itself. */
export async function formOfRecipe(
  { values, report, named }: ReadRecipe,
  { datasets, models }: Pick<Parts, 'datasets' | 'models'>,
): Promise<RecipeRead> {
  const missing: Missing[] = []
  const folder = (values.dataset as string | undefined) ?? named?.dataset
  const set = folder === undefined ? undefined : nearestOf(datasets.list(), folder)
  if (folder !== undefined && !set) missing.push({ kind: 'dataset', name: lastPart(folder) })
  const further = ((values.sets as readonly Folder[] | undefined) ?? []).flatMap((one) => {
    const found = nearestOf(datasets.list(), one.folder)
    if (!found) missing.push({ kind: 'dataset', name: lastPart(one.folder) })
    return found ? [{ ...one, folder: found.id }] : []
  })
  const asked = (values.model as string | undefined) ?? named?.model
  const model = asked === undefined ? undefined : nearestOf(await models.list(), asked)
  if (asked !== undefined && !model) missing.push({ kind: 'model', name: lastPart(asked) })
  const {
    dataset: _dataset,
    model: _model,
    sets: _sets,
    title,
    ...said
  } = { ...usualBeside(values), ...values } as Readonly<Record<string, unknown>>
  const whole = { ...said, ...(further.length > 0 ? { sets: further } : {}) }
  const fitting = Object.entries(whole).filter(
    ([key, value]) => (trainingForm.shape[key as keyof typeof trainingForm.shape] as z.ZodType | undefined)?.safeParse(value).success,
  )
  return {
    form: {
      ...Object.fromEntries(fitting),
      ...samplesOf(values),
      ...(typeof title === 'string' && title !== '' ? { name: title.slice(0, 120), title } : {}),
      ...(set ? { dataset: set.id } : {}),
      ...(model && model.id !== embeddedId ? { model: model.id } : {}),
    },
    ...(report ? { report } : {}),
    missing,
  }
}

/** Of the samples a form has prompts and steps between; a recipe says the rest for terminals. */
function samplesOf({ samplePrompt: prompts, sampleEvery: every }: ReadRecipe['values']): Pick<RecipeRead['form'], 'samples'> {
  const parsed = samplePlan.safeParse({ ...(prompts === undefined ? {} : { prompts }), ...(every === undefined ? {} : { every }) })
  return prompts === undefined || !parsed.success ? {} : { samples: parsed.data }
}

/** By its whole path, else by its name. */
function nearestOf<One extends { readonly path: string; readonly name: string }>(all: readonly One[], asked: string): One | undefined {
  return (
    all.find(({ path }) => path === asked) ??
    all.find(({ name, path }) => plainName(name) === plainName(asked) || plainName(path) === plainName(asked))
  )
}

/** As a terminal trains by it: the same adapter, to the byte. */
export async function recipeOfForm(
  form: Form,
  { datasets, models }: Pick<Parts, 'datasets' | 'models'>,
): Promise<{ name: string; text: string }> {
  const { dataset, model, name, samples } = form
  const request = Object.fromEntries(Object.entries(oneDuration(form)).filter(([key]) => key in trainRequest.shape || key === 'vae'))
  const values = {
    ...request,
    title: form.title ?? name,
    ...(samples.prompts.length > 0 && samples.every > 0 ? { samplePrompt: samples.prompts, sampleEvery: samples.every } : {}),
    dataset: datasets.entry(dataset).path,
    ...('sets' in request && Array.isArray(request.sets)
      ? { sets: (request.sets as readonly Folder[]).map((one) => ({ ...one, folder: datasets.entry(one.folder).path })) }
      : {}),
    ...(model === undefined || model === embeddedId ? {} : { model: (await models.get(model)).path }),
  }
  return { name: `${safeName(name)}.toml`, text: writeRecipe(recipeFields, values) }
}
