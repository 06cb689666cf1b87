// The options of a sampler, out of a settings line or a form: what the sampler takes, and what is told to be missing.
import { samplers } from '../../engine/samplers/index.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { fittingOptions, optionsOf, optionValue, type OwnOptions } from '../../engine/requests/own-options.ts'
import { ofSampler, optionWritten } from '../../engine/samplers/sampler-options.ts'
import type { Sampler } from '../../engine/samplers/sampler.ts'
import type { Recalled } from '../api/methods/generate.ts'

interface Found {
  /** Empty where there is none. */
  readonly fitting: { readonly samplerOptions?: OwnOptions }
  readonly unfit: Recalled['missing'][number][]
}

/** Of a settings line, by the keys that the sampler's options have there; `rest` is the line without them. */
export function optionsSaid(
  sampler: Sampler | undefined,
  settings: ReadonlyMap<string, string>,
): Found & { readonly rest: ReadonlyMap<string, string> } {
  const rest = new Map(settings)
  const said: OwnOptions = {}
  const names = new Map((sampler ? optionsOf(sampler, generateRequest) : []).map((option) => [option.key, optionWritten(option)]))
  for (const [key, written] of names) {
    const text = settings.get(written)
    if (text === undefined) continue
    rest.delete(written)
    said[key] = optionValue(text.slice(0, 60))
  }
  return { ...parted(sampler, said, (key) => names.get(key) ?? key), rest }
}

/** Of a form, which another version may have written. */
export function optionsHere({ sampler, samplerOptions = {} }: { sampler: string; samplerOptions?: OwnOptions | undefined }): Found {
  const { fitting, unfit } = parted(
    samplers.find(({ name }) => name === sampler),
    samplerOptions,
    (name) => name,
  )
  return { fitting: Object.keys(samplerOptions).length > 0 ? { samplerOptions: fitting.samplerOptions ?? {} } : {}, unfit }
}

function parted(sampler: Sampler | undefined, given: OwnOptions, called: (name: string) => string): Found {
  const { fitting, unfit } = sampler ? fittingOptions(ofSampler, sampler, given) : { fitting: {}, unfit: Object.keys(given) }
  return {
    fitting: Object.keys(fitting).length > 0 ? { samplerOptions: fitting } : {},
    unfit: unfit.map((name) => ({ kind: 'setting' as const, name: `${called(name)} ${String(given[name])}` })),
  }
}
