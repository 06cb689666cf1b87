// The sampler and the schedule that another program's settings, or an older picture's, mean, with their options.
import type { OwnOptions } from '../../engine/requests/own-options.ts'
import { samplerCalled } from '../../engine/samplers/sampler-names.ts'
import { ofSampler, ofSchedule } from '../../engine/samplers/sampler-options.ts'
import { takesSchedule } from '../../engine/samplers/takes.ts'
import { schedules } from '../../engine/schedules/index.ts'
import type { Schedule } from '../../engine/schedules/schedule.ts'
import type { Recalled } from '../api/methods/generate.ts'
import { optionsSaid } from './recalled-options.ts'

interface Said {
  readonly fitting: {
    readonly sampler?: string
    readonly samplerOptions?: OwnOptions
    readonly schedule?: string
    readonly scheduleOptions?: OwnOptions
  }
  readonly unfit: Recalled['missing'][number][]
  /** The settings without those that were options of theirs. */
  readonly rest: ReadonlyMap<string, string>
}

/** Programs that draw on ComfyUI round timesteps, and begin, in its way. */
const comfy = new Set(['ComfyUI', 'SwarmUI', 'Fooocus'])

export function samplingSaid(program: string, settings: ReadonlyMap<string, string>): Said {
  const named = samplingCalled(program, settings)
  const { sampler } = named
  const ofIts = optionsSaid(ofSampler, sampler, settings)
  const ofLevels = optionsSaid(ofSchedule, named.schedule ?? sampler?.schedule, ofIts.rest)
  const spacing = named.schedule ?? sampler?.schedule
  const inComfy = comfy.has(program)
  const options = { ...(inComfy ? sampler?.as?.comfyui : undefined), ...ofIts.fitting }
  const levels = {
    ...(spacing && inComfy && hasDialect(spacing) ? { dialect: 'comfyui' } : {}),
    ...ofLevels.fitting,
  }
  // Options of the sampler's own schedule are options of one that is named.
  const schedule = named.schedule ?? (Object.keys(levels).length > 0 ? sampler?.schedule : undefined)
  return {
    fitting: {
      ...(sampler ? { sampler: sampler.name } : {}),
      ...(Object.keys(options).length > 0 ? { samplerOptions: options } : {}),
      ...(schedule ? { schedule: schedule.name } : {}),
      ...(Object.keys(levels).length > 0 ? { scheduleOptions: levels } : {}),
    },
    unfit: [...(named.unknown === undefined ? [] : [{ kind: 'sampler' as const, name: named.unknown }]), ...ofIts.unfit, ...ofLevels.unfit],
    rest: ofLevels.rest,
  }
}

const hasDialect = ({ options }: Schedule): boolean => options !== undefined && Object.hasOwn(options.shape, 'dialect')

function samplingCalled(program: string, settings: ReadonlyMap<string, string>): ReturnType<typeof samplerCalled> {
  const [name, type, exactly] = [settings.get('Sampler'), settings.get('Schedule type'), settings.get('Schedule')]
  if (name === undefined) return {}
  // Ours once wrote no schedule, and A1111's name for diffusers' noise levels.
  const diffusers = program === 'InvokeAI'
  const theirs =
    diffusers || (program === 'Pigment' && type === undefined && !exactly) || (comfy.has(program) && /karras/i.test(type ?? ''))
  const called = samplerCalled(name, {
    schedule: type,
    grid: theirs ? 'diffusers' : 'A1111',
    ...(diffusers ? { levels: 'diffusers' } : {}),
    // Before A1111 had schedule types a name alone stood for uniform levels.
    ...(diffusers || program === 'Pigment' ? {} : { alone: 'Uniform' }),
  })
  const schedule = schedules.find((one) => one.name === exactly)
  return schedule && called.sampler && takesSchedule(called.sampler, schedule) ? { sampler: called.sampler, schedule } : called
}
