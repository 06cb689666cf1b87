// A sampler's own options: found, described, checked, and as they stand in a settings line.
import type { z } from 'zod'
import { PigmentError } from '../requests/error.ts'
import type { SamplerOptions } from '../requests/generate.ts'
import { fieldsOf, takes, type FieldDescription } from '../requests/fields.ts'
import { samplerRun, type SamplerInput } from './run.ts'
import { samplerByName, type Sampler } from './sampler.ts'

type Value = SamplerOptions[string]

/** What a sampler can be told, in its order. */
export const optionsOf = ({ options }: Pick<Sampler, 'options'>): FieldDescription[] => (options ? fieldsOf(options) : [])

/** Its key in a settings line: A1111's, where A1111 has one. */
export const optionWritten = ({ key, written }: FieldDescription): string => written || `Sampler ${key}`

/** All options of a sampler, those that are not given by their defaults. Throws `sampler-option-unknown`, `sampler-option-invalid`. */
export function completeOptions(sampler: Sampler, given: SamplerOptions = {}): Readonly<Record<string, unknown>> {
  for (const [name, value] of Object.entries(given)) {
    const problem = problemOf(sampler, name, value)
    if (problem) throw problem
  }
  return sampler.options?.parse(given) ?? {}
}

/** Those that the sampler takes, and the names of the others. */
export function fittingOptions(sampler: Sampler, given: SamplerOptions): { fitting: SamplerOptions; unfit: readonly string[] } {
  const fits = ([name, value]: readonly [string, Value]): boolean => problemOf(sampler, name, value) === undefined
  const all = Object.entries(given)
  return { fitting: Object.fromEntries(all.filter(fits)), unfit: all.filter((one) => !fits(one)).map(([name]) => name) }
}

function problemOf(sampler: Sampler, option: string, value: Value): PigmentError | undefined {
  const known = optionsOf(sampler)
  const schema: z.ZodObject['shape'] = sampler.options?.shape ?? {}
  const found = known.find(({ key }) => key === option)
  const names = known.map(({ key }) => key)
  if (!found)
    return new PigmentError(
      'sampler-option-unknown',
      `The sampler "${sampler.name}" has no option "${option}". ${names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none.'}`,
      { sampler: sampler.name, option, names },
    )
  if ((schema[option] as z.ZodType).safeParse(value).success) return undefined
  return new PigmentError(
    'sampler-option-invalid',
    `The option "${option}" of the sampler "${sampler.name}" takes ${takes(found)}, got ${JSON.stringify(value)}.`,
    { sampler: sampler.name, option, got: String(value), takes: takes(found) },
  )
}

/** The sampler that a request names, once its options are known to be right. Throws `sampler-unknown` and those of `completeOptions`. */
export function chosenSampler({ sampler, samplerOptions }: { sampler: string; samplerOptions?: SamplerOptions | undefined }): Sampler {
  const found = samplerByName(sampler)
  completeOptions(found, samplerOptions)
  return found
}

/** A run of the sampler under these options, the others by their defaults. */
export function sampleWith(sampler: Sampler, input: SamplerInput, given?: SamplerOptions): ReturnType<Sampler['sample']> {
  return sampler.sample(samplerRun(input, sampler.schedule, sampler.coordinates), completeOptions(sampler, given))
}

/** The options that are not at their defaults, for a settings line. */
export function optionsWritten(sampler: Sampler, given: SamplerOptions = {}): [written: string, value: string][] {
  return optionsOf(sampler).flatMap((option) => {
    const value = given[option.key]
    return value === undefined || value === option.default ? [] : [[optionWritten(option), String(value)] as [string, string]]
  })
}

/** The value that a text means: a number, a switch, or the text. */
export function optionValue(text: string): Value {
  const word = text.trim()
  if (word === 'true' || word === 'false') return word === 'true'
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : word
}
