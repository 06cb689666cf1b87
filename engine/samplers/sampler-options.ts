// A sampler's own options: checked, handed to it, and as they stand in a settings line.
import type { FieldDescription } from '../requests/fields.ts'
import { generateRequest } from '../requests/generate.ts'
import { completeOptions, optionsOf, type OwnOptions } from '../requests/own-options.ts'
import { samplerRun, type SamplerInput } from './run.ts'
import { samplerByName, type Sampler } from './sampler.ts'

export const ofSampler = { kind: 'sampler', request: generateRequest }

/** Its key in a settings line: A1111's, where A1111 has one. */
export const optionWritten = ({ key, written }: FieldDescription): string => written || `Sampler ${key}`

/** The sampler that a request names, once its options are known to be right. Throws `sampler-unknown` and those of `completeOptions`. */
export function chosenSampler({ sampler, samplerOptions }: { sampler: string; samplerOptions?: OwnOptions | undefined }): Sampler {
  const found = samplerByName(sampler)
  completeOptions(ofSampler, found, samplerOptions)
  return found
}

/** A run of the sampler under these options, the others by their defaults. */
export function sampleWith(sampler: Sampler, input: SamplerInput, given?: OwnOptions): ReturnType<Sampler['sample']> {
  return sampler.sample(samplerRun(input, sampler.schedule, sampler.coordinates), completeOptions(ofSampler, sampler, given))
}

/** The options that are not at their defaults, for a settings line. */
export function optionsWritten(sampler: Sampler, given: OwnOptions = {}): [written: string, value: string][] {
  return optionsOf(sampler, generateRequest).flatMap((option) => {
    const value = given[option.key]
    return value === undefined || value === option.default ? [] : [[optionWritten(option), String(value)] as [string, string]]
  })
}
