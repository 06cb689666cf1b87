// The settings line of A1111, Forge and those who took its habit.
import { parseInfotext } from '../infotext.ts'
import type { NamedLora, Recipe } from '../recipe.ts'

export function a1111Recipe(text: string): Recipe {
  const { prompt, negativePrompt, settings } = parseInfotext(text)
  const version = settings.get('Version') ?? ''
  const program = version === 'Pigment' ? 'Pigment' : /stable-diffusion\.cpp/.test(version) ? 'stable-diffusion.cpp' : 'A1111'
  return { program, prompt, negativePrompt, settings, loras: ownWeights(settings.get('Lora weights') ?? ''), text }
}

/** `name: 0.8` or `name: TE:UNET`, with commas between: what our own pictures say. */
function ownWeights(list: string): NamedLora[] {
  return list.split(', ').flatMap((part) => {
    const at = part.lastIndexOf(': ')
    const [first = NaN, second = first] = part
      .slice(at + 2)
      .split(':')
      .map(Number)
    if (at <= 0 || !Number.isFinite(first) || !Number.isFinite(second)) return []
    return [{ name: part.slice(0, at), weight: second, ...(first === second ? {} : { textWeight: first }) }]
  })
}
