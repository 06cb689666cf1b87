// A form from what a picture says of itself. Its text is a stranger's: every value is checked, and names are only looked up.
import type { z } from 'zod'
import { samplerCalled } from '../../engine/samplers/sampler-names.ts'
import { generateForm, type Recalled } from '../api/methods/generate.ts'
import type { ModelCard } from '../api/methods/models.ts'
import type { Library } from '../stores/library.ts'

export interface Said {
  readonly prompt: string
  readonly negative: string
  readonly settings: readonly (readonly [key: string, value: string])[]
  readonly text: string
  readonly form: string | null
}
type Form = z.output<typeof generateForm>

/** Ours where the picture carries a form; else from the line that A1111 writes. */
export function recalledForm(said: Said & { readonly own?: Form }, library: Library, models: readonly ModelCard[]): Recalled {
  const settings = new Map(said.settings)
  const missing: { kind: 'adapter' | 'model' | 'sampler'; name: string }[] = []
  const stack: Form['stack'] = []
  for (const [name, weight] of weightsOf(settings)) {
    const found = library.byName(name)
    if (found) stack.push({ adapter: found.id, weight, enabled: true })
    else missing.push({ kind: 'adapter', name })
  }
  const modelName = settings.get('Model')
  const model = models.find(({ name }) => name === modelName)
  if (modelName && !model) missing.push({ kind: 'model', name: modelName })
  if (said.own) {
    const known = said.own.stack.filter(({ adapter }) => has(library, adapter))
    const { model: named, ...own } = said.own
    const form = {
      ...own,
      stack: known.length > 0 ? known : stack,
      ...(models.some(({ id }) => id === named) ? { model: named } : model ? { model: model.id } : {}),
    }
    return { form, missing, text: said.text }
  }
  const title = settings.get('Sampler')
  const { sampler, unknown } = title ? samplerCalled(title, { schedule: settings.get('Schedule type') }) : {}
  if (unknown !== undefined) missing.push({ kind: 'sampler', name: unknown })
  const [width, height] = (settings.get('Size') ?? '').split('x').map(Number)
  const form = checked(
    {
      prompt: said.prompt,
      negative: said.negative,
      steps: Number(settings.get('Steps')),
      cfg: Number(settings.get('CFG scale')),
      seed: Number(settings.get('Seed')),
      width,
      height,
      sampler: sampler?.name,
      adapterGuidance: settings.has('Adapter guidance') ? Number(settings.get('Adapter guidance')) : undefined,
      guidanceStop: settings.has('Guidance stop') ? Number(settings.get('Guidance stop')) : undefined,
      emphasis: settings.get('Emphasis')?.toLowerCase(),
      model: model?.id,
    },
    stack,
  )
  return { form, missing, text: said.text }
}

/** Each value that does not fit is left to its default. */
function checked(values: Readonly<Record<string, unknown>>, stack: Form['stack']): Form {
  const fitting = Object.entries(values).filter(([key, value]) => {
    const field = generateForm.shape[key as keyof typeof generateForm.shape] as z.ZodType
    return value !== undefined && field.safeParse(value).success
  })
  return generateForm.parse({ prompt: '', ...Object.fromEntries(fitting), stack })
}

function weightsOf(settings: ReadonlyMap<string, string>): (readonly [string, number])[] {
  const list = settings.get('Lora weights') ?? ''
  return list.split(', ').flatMap((part) => {
    const at = part.lastIndexOf(': ')
    const weight = Number(part.slice(at + 2))
    return at > 0 && Number.isFinite(weight) ? [[part.slice(0, at), Math.max(-2, Math.min(2, weight))] as const] : []
  })
}

function has(library: Library, id: string): boolean {
  try {
    library.entry(id)
    return true
  } catch {
    return false
  }
}
