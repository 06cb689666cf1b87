// The settings line of A1111, Forge and those who took its habit.
import { parseInfotext, type Infotext } from '../infotext.ts'
import type { NamedLora, Recipe } from '../recipe.ts'

export function a1111Recipe(text: string): Recipe {
  const { prompt, negativePrompt, settings } = parseInfotext(text)
  const version = settings.get('Version') ?? ''
  if (/^fooocus/i.test(version)) return fooocusRecipe({ prompt, negativePrompt, settings }, text)
  const program = version === 'Pigment' ? 'Pigment' : /stable-diffusion\.cpp/.test(version) ? 'stable-diffusion.cpp' : 'A1111'
  const regions = ownRegions(settings.get('Lora regions') ?? '')
  const loras = ownWeights(settings.get('Lora weights') ?? '').map((lora) => {
    const region = regions.get(lora.name.replaceAll(';', '_'))
    return region === undefined ? lora : { ...lora, region }
  })
  return { program, ...(program === 'Pigment' ? withoutOwnTags(prompt, loras) : { prompt, loras }), negativePrompt, settings, text }
}

/** Fooocus' scheme `a1111`: the schedule under a name of its own and at the end of the sampler's, adapters by their weights alone. */
function fooocusRecipe({ prompt, negativePrompt, settings: said }: Infotext, text: string): Recipe {
  const { Scheduler: schedule, 'Lora weights': weights = '', ...rest } = Object.fromEntries(said)
  const settings = new Map(Object.entries({ ...rest, ...(schedule === undefined ? {} : { 'Schedule type': schedule }) }))
  settings.set('Sampler', (said.get('Sampler') ?? '').replace(/ Karras$/, ''))
  return { program: 'Fooocus', prompt, negativePrompt, settings, loras: ownWeights(weights), text }
}

/** Our prompts end with a tag for each adapter, for other programs: what was asked for stands before, the weights are exact in the line, the names here. */
function withoutOwnTags(prompt: string, loras: readonly NamedLora[]): Pick<Recipe, 'prompt' | 'loras'> {
  const tags = /(?:^| )((?:<lora:[^<>:\n]+:[^<>\n]+>)+)$/.exec(prompt)
  const names = Array.from((tags?.[1] ?? '').matchAll(/<lora:([^<>:\n]+):/g), ([, name = '']) => name)
  const ours = names.length === loras.length && names.every((name, i) => name.replaceAll(',', '_') === loras[i]?.name)
  if (!tags || !ours) return { prompt, loras }
  return { prompt: prompt.slice(0, tags.index).trimEnd(), loras: loras.map((lora, i) => ({ ...lora, name: names[i] ?? lora.name })) }
}

/** `name: 0,0,0.5,1; other: mask <hash>`: where they act, by their names without signs of the line. */
const ownRegions = (list: string): ReadonlyMap<string, string> =>
  new Map(
    list.split('; ').flatMap((part) => {
      const at = part.indexOf(': ')
      return at > 0 ? [[part.slice(0, at), part.slice(at + 2)] as const] : []
    }),
  )

/** `name: 0.8` or `name: TE:UNET`, either with `:lbw=…`, `:start=…`, `:stop=…` and `:curve=…`, with commas between: what our own pictures say. */
function ownWeights(list: string): NamedLora[] {
  return list.split(', ').flatMap((part) => {
    const at = part.lastIndexOf(': ')
    const words = part.slice(at + 2).split(':')
    const [first = NaN, second = first] = words.filter((word) => !word.includes('=')).map(Number)
    const options = words.flatMap((word): [string, string][] => {
      const [, key, value = ''] = /^(lbw|start|stop|curve)=(.*)$/.exec(word) ?? []
      return key === undefined ? [] : [[key, value]]
    })
    if (at <= 0 || !Number.isFinite(first) || !Number.isFinite(second)) return []
    return [
      {
        name: part.slice(0, at),
        weight: second,
        ...(first === second ? {} : { textWeight: first }),
        ...Object.fromEntries(options),
      },
    ]
  })
}
