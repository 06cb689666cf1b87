// `NAME=VALUE`: an option of the sampler on the command line, and what help says of all of them.
import { z } from 'zod'
import { samplers } from '../../engine/samplers/index.ts'
import { optionsOf, optionValue } from '../../engine/samplers/sampler-options.ts'
import type { SamplerOptions } from '../../engine/requests/generate.ts'
import { takes, type FieldDescription } from '../../engine/requests/fields.ts'

export const samplerOption = z.string().transform((text, context): readonly [name: string, value: SamplerOptions[string]] => {
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name.trim(), optionValue(value)]
  context.issues.push({ code: 'custom', input: text, message: `"${text}" is no option and its value; write NAME=VALUE, e.g. eta=0.5` })
  return z.NEVER
})

/** Every option of every sampler, with what it takes and its default. */
export function samplerOptionHelp(): string {
  const told = samplers.flatMap((sampler) => {
    const options = optionsOf(sampler)
    return options.length === 0 ? [] : `${sampler.name}: ${options.map(said).join('; ')}`
  })
  return ['an option of the sampler; can be given several times', ...told].join('. ')
}

const said = (option: FieldDescription): string =>
  `${option.key}, ${option.description}, ${takes(option)} (default: ${String(option.default)})`
