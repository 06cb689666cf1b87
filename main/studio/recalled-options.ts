// The options of a sampler, of a schedule and of a composition of adapters, out of a settings line or a form: what these take, and what is told to be missing.
import { compositionOf, ofComposition } from '../../engine/adapters/stack-course.ts'
import { generateRequest, type GenerateRequest } from '../../engine/requests/generate.ts'
import { fittingOptions, optionsOf, optionValue, type Choice, type Chosen, type OwnOptions } from '../../engine/requests/own-options.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { ofSampler, ofSchedule, optionWritten } from '../../engine/samplers/sampler-options.ts'
import { takesSchedule } from '../../engine/samplers/takes.ts'
import { schedules } from '../../engine/schedules/index.ts'
import type { Recalled } from '../api/methods/generate.ts'

interface Found {
  /** Empty where there is none. */
  readonly fitting: OwnOptions
  readonly unfit: Recalled['missing'][number][]
}

/** Of a settings line, by the keys that the options of what is chosen have there; `rest` is the line without them. */
export function optionsSaid(
  at: Chosen,
  choice: Choice | undefined,
  settings: ReadonlyMap<string, string>,
): Found & { readonly rest: ReadonlyMap<string, string> } {
  const rest = new Map(settings)
  const said: OwnOptions = {}
  const names = new Map((choice ? optionsOf(choice, generateRequest) : []).map((option) => [option.key, optionWritten(option)]))
  for (const [key, written] of names) {
    const text = settings.get(written)
    if (text === undefined) continue
    rest.delete(written)
    said[key] = optionValue(text.slice(0, 60))
  }
  return { ...parted(at, choice, said, (key) => names.get(key) ?? key), rest }
}

interface Given {
  readonly sampler: string
  readonly samplerOptions?: OwnOptions | undefined
  readonly schedule?: string | undefined
  readonly scheduleOptions?: OwnOptions | undefined
  readonly composition?: GenerateRequest['composition']
  readonly compositionOptions?: OwnOptions | undefined
}

/** Of a form, which another version may have written: what it has of these as it can be asked for here. */
export function optionsHere({ sampler: name, samplerOptions, schedule: spacing, scheduleOptions, ...composing }: Given): {
  readonly fitting: Omit<Given, 'sampler' | 'composition'>
  readonly unfit: Recalled['missing'][number][]
} {
  const sampler = samplers.find((one) => one.name === name)
  const named = schedules.find((one) => one.name === spacing)
  const schedule = sampler && named && takesSchedule(sampler, named) ? named : undefined
  const lost = spacing !== undefined && !schedule
  const ofIts = parted(ofSampler, sampler, samplerOptions ?? {})
  const ofLevels = parted(ofSchedule, spacing === undefined ? sampler?.schedule : schedule, scheduleOptions ?? {})
  const { compositionOptions } = composing
  const ofStack = parted(ofComposition, compositionOf(composing), compositionOptions ?? {})
  return {
    fitting: {
      ...(samplerOptions && Object.keys(samplerOptions).length > 0 ? { samplerOptions: ofIts.fitting } : {}),
      ...(lost ? { schedule: undefined } : {}),
      ...(scheduleOptions && Object.keys(scheduleOptions).length > 0 ? { scheduleOptions: ofLevels.fitting } : {}),
      ...(compositionOptions && Object.keys(compositionOptions).length > 0 ? { compositionOptions: ofStack.fitting } : {}),
    },
    unfit: [
      ...ofIts.unfit,
      ...(lost ? [{ kind: 'sampler' as const, name: spacing.slice(0, 60) }] : []),
      ...ofLevels.unfit,
      ...ofStack.unfit,
    ],
  }
}

function parted(at: Chosen, choice: Choice | undefined, given: OwnOptions, called = (name: string): string => name): Found {
  const { fitting, unfit } = choice ? fittingOptions(at, choice, given) : { fitting: {}, unfit: Object.keys(given) }
  return { fitting, unfit: unfit.map((name) => ({ kind: 'setting' as const, name: `${called(name)} ${String(given[name])}` })) }
}
