// A sampler's own options: found, described, checked, and as they stand in a settings line.
import type { z } from 'zod'
import type { Bounds } from '../requests/bounds.ts'
import { PigmentError } from '../requests/error.ts'
import type { SamplerOptions } from '../requests/generate.ts'
import { boundsOf, described, takes } from '../requests/schema-bounds.ts'
import { samplerByName, type Sampler, type SamplerInput } from './sampler.ts'

type Value = SamplerOptions[string]

export interface SamplerOption {
  readonly name: string
  readonly bounds: Bounds
  readonly default: Value
  readonly description: string
  /** Its key in a settings line: A1111's, where A1111 has one. */
  readonly written: string
  readonly step?: number
}

/** What a sampler can be told, in its order. */
export function optionsOf({ options }: Pick<Sampler, 'options'>): SamplerOption[] {
  if (!options) return []
  return Object.entries(described(options).properties ?? {}).map(([name, field]) => {
    const { description = '', written, step } = (options.shape[name] as z.ZodType).meta() ?? {}
    return {
      name,
      bounds: boundsOf(field),
      default: field.default as Value,
      description,
      written: typeof written === 'string' ? written : `Sampler ${name}`,
      ...(typeof step === 'number' ? { step } : {}),
    }
  })
}

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
  const found = known.find(({ name }) => name === option)
  const names = known.map(({ name }) => name)
  if (!found)
    return new PigmentError(
      'sampler-option-unknown',
      `The sampler "${sampler.name}" has no option "${option}". ${names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none.'}`,
      { sampler: sampler.name, option, names },
    )
  if ((schema[option] as z.ZodType).safeParse(value).success) return undefined
  return new PigmentError(
    'sampler-option-invalid',
    `The option "${option}" of the sampler "${sampler.name}" takes ${takes(found.bounds)}, got ${JSON.stringify(value)}.`,
    { sampler: sampler.name, option, got: String(value), takes: takes(found.bounds) },
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
  return sampler.sample(input, completeOptions(sampler, given))
}

/** The options that are not at their defaults, for a settings line. */
export function optionsWritten(sampler: Sampler, given: SamplerOptions = {}): [written: string, value: string][] {
  return optionsOf(sampler).flatMap(({ name, written, default: usual }) => {
    const value = given[name]
    return value === undefined || value === usual ? [] : [[written, String(value)] as [string, string]]
  })
}

/** The value that a text means: a number, a switch, or the text. */
export function optionValue(text: string): Value {
  const word = text.trim()
  if (word === 'true' || word === 'false') return word === 'true'
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : word
}
