// A form from what a picture says of itself. Its text is a stranger's: every value is checked, and names are only looked up.
import type { z } from 'zod'
import type { NamedLora } from '../../engine/images/recipe.ts'
import { samplerCalled } from '../../engine/samplers/sampler-names.ts'
import { generateForm, type Recalled } from '../api/methods/generate.ts'
import type { ModelCard } from '../api/methods/models.ts'
import { loraMention, parsePrompt } from '../api/prompt.ts'
import type { Library } from '../stores/library.ts'
import type { Said } from '../processes/calls.ts'
import { settingsNotHere } from './settings-not-here.ts'

type Form = z.output<typeof generateForm>
type Missing = Recalled['missing'][number]

/** Ours where the picture carries a form; else from its settings. */
export function recalledForm(said: Said & { readonly own?: Form }, library: Library, models: readonly ModelCard[]): Recalled {
  const settings = new Map(said.settings)
  const { text: prompt, loras: mentions } = said.own ? { text: '', loras: [] } : parsePrompt(said.prompt)
  const { stack, tags, missing } = adaptersOf([...mentions, ...said.loras], library)
  const modelName = settings.get('Model')
  const model = modelName === undefined ? undefined : models.find(({ name }) => sameModel(name, modelName))
  if (modelName && !model) missing.push({ kind: 'model', name: modelName })
  if (said.own) {
    const known = said.own.stack.filter(({ adapter }) => has(library, adapter))
    // No path out of a picture is opened.
    const { model: named, vae: _vae, ...own } = said.own
    const form = {
      ...own,
      stack: known.length > 0 ? known : stack,
      ...(models.some(({ id }) => id === named) ? { model: named } : model ? { model: model.id } : {}),
    }
    return { form, missing, text: said.text }
  }
  const { sampler, unknown } = samplerOf(said.program, settings)
  if (unknown !== undefined) missing.push({ kind: 'sampler', name: unknown })
  missing.push(...settingsNotHere(settings))
  const [width, height] = (settings.get('Size') ?? '').split('x').map(Number)
  const number = (key: string): number | undefined => (settings.has(key) ? Number(settings.get(key)) : undefined)
  const form = checked(
    {
      prompt: [prompt, ...tags].filter(Boolean).join(' '),
      negative: said.negative,
      steps: number('Steps'),
      cfg: number('CFG scale'),
      seed: number('Seed'),
      width,
      height,
      sampler: sampler?.name,
      adapterGuidance: number('Adapter guidance'),
      guidanceStop: number('Guidance stop'),
      emphasis: settings.get('Emphasis')?.toLowerCase(),
      model: model?.id,
    },
    stack,
  )
  return { form, missing, text: said.text }
}

/** Those that the library has; of one name the first counts. What a stack cannot hold, two strengths or one beyond its ends, stays a tag. */
function adaptersOf(named: readonly NamedLora[], library: Library): { stack: Form['stack']; tags: string[]; missing: Missing[] } {
  const [stack, tags, missing]: [Form['stack'], string[], Missing[]] = [[], [], []]
  const seen = new Set<string>()
  for (const { name, weight, textWeight } of named) {
    if (seen.has(name.toLowerCase())) continue
    seen.add(name.toLowerCase())
    const found = library.byName(name)
    if (!found) missing.push({ kind: 'adapter', name })
    else if (textWeight !== undefined || Math.abs(weight) > 2) tags.push(loraMention(library.nameOf(found.id), weight, textWeight))
    else stack.push({ adapter: found.id, weight, enabled: true })
  }
  return { stack, tags, missing }
}

/** Programs that draw on ComfyUI round timesteps as diffusers does, and begin as it does, under Karras' noise levels. */
const comfy = new Set(['ComfyUI', 'SwarmUI', 'Fooocus'])

function samplerOf(program: string, settings: ReadonlyMap<string, string>): ReturnType<typeof samplerCalled> {
  const [name, schedule] = [settings.get('Sampler'), settings.get('Schedule type')]
  if (name === undefined) return {}
  // Ours once wrote no schedule, and A1111's name for diffusers' noise levels.
  const theirs =
    program === 'InvokeAI' || (program === 'Pigment' && schedule === undefined) || (comfy.has(program) && /karras/i.test(schedule ?? ''))
  return samplerCalled(name, { schedule, grid: theirs ? 'diffusers' : 'A1111' })
}

const sameModel = (name: string, said: string): boolean => plainModel(name) === plainModel(said)
const plainModel = (name: string): string => (name.split(/[\\/]/).at(-1) ?? '').replace(/\.(safetensors|ckpt)$/i, '').toLowerCase()

/** Each value that does not fit is left to its default. */
function checked(values: Readonly<Record<string, unknown>>, stack: Form['stack']): Form {
  const fitting = Object.entries(values).filter(([key, value]) => {
    const field = generateForm.shape[key as keyof typeof generateForm.shape] as z.ZodType
    return value !== undefined && field.safeParse(value).success
  })
  return generateForm.parse({ prompt: '', ...Object.fromEntries(fitting), stack })
}

function has(library: Library, id: string): boolean {
  try {
    library.entry(id)
    return true
  } catch {
    return false
  }
}
