// The names of samplers and schedules in other programs' settings, both ways: which are meant, and how ours are written down.
import type { AskedGrid } from '../processes/process.ts'
import { plainWord, scheduleCalled } from '../schedules/schedule-names.ts'
import { scheduleTypeOf, type Schedule } from '../schedules/schedule.ts'
import { samplers } from './index.ts'
import type { Sampler } from './sampler.ts'
import { takesSchedule } from './takes.ts'

export interface NamedSampler {
  readonly sampler?: Sampler
  /** Where it is not the sampler's own. */
  readonly schedule?: Schedule
  /** What of the two names is not here, as written. */
  readonly unknown?: string
}

export interface NamedBy {
  /** A1111's `Schedule type`, ComfyUI's `scheduler`; where a program has one name for both it stands behind the sampler's. */
  readonly schedule?: string | undefined
  /** Whose noise levels the program takes where ours differ by that alone. */
  readonly grid?: 'A1111' | 'diffusers'
  /** Whose schedule is meant where several have its name. */
  readonly levels?: 'diffusers'
  /** The `Schedule type` that a name alone stands for, in place of the sampler's own. */
  readonly alone?: string
}

/** What another program's names mean: a sampler by itself where its own noise levels are meant. Where these alone are not here they are `unknown`. */
export function samplerCalled(name: string, { schedule: said, grid = 'A1111', levels, alone }: NamedBy = {}): NamedSampler {
  const titled = samplers.find((one) => said === undefined && one.title === name && (alone === undefined || ownType(one, alone)))
  if (titled) return { sampler: titled }
  const { solver, ending } = apart(name)
  const candidates = samplers.filter((sampler) => solversOf(sampler).includes(solver))
  const [first] = candidates
  if (!first) return { unknown: name }
  const told = said ?? ending ?? alone
  const automatic = told !== undefined && isAutomatic(told)
  const found = automatic ? automaticOf(candidates) : told === undefined ? undefined : scheduleCalled(told, levels)
  const schedule = found === 'unknown' ? undefined : found
  const type = schedule ? scheduleTypeOf(schedule) : 'Uniform'
  const known = told !== undefined && !automatic && !schedule ? [] : candidates.filter((sampler) => ownType(sampler, type, schedule))
  const pick = (among: readonly Sampler[]): Sampler => among.find(({ title }) => title.includes(grid)) ?? among[0] ?? first
  if (known.length > 0) return { sampler: pick(known) }
  const sampler = pick(candidates)
  if (told === undefined) return { sampler }
  return schedule && takesSchedule(sampler, schedule) ? { sampler, schedule } : { sampler, unknown: said ?? name }
}

const isAutomatic = (text: string): boolean => plainWord(text) === 'automatic'
const automaticOf = (candidates: readonly Sampler[]): Schedule | undefined => candidates.find(({ automatic }) => automatic)?.automatic
/** Levels without a name of A1111's are the sampler's own whatever is told beside, but for others that it takes: DDIM has its own strides. */
const ownType = (sampler: Sampler, type: string | undefined, told?: Schedule): boolean => {
  const own = scheduleTypeOf(sampler.schedule)
  return own === undefined ? !told || told === sampler.schedule || !takesSchedule(sampler, told) : own === type
}

export interface WrittenSampling {
  readonly sampler: string
  readonly type?: string
  /** Our own name of the schedule, where by the other two another would be meant. */
  readonly exactly?: string
}

/** How they stand in a settings line: `Sampler`, where the noise levels have a name `Schedule type`, and else `Schedule`. */
export function samplingWritten(
  { sampler, schedule }: { readonly sampler: Sampler; readonly schedule: Schedule },
  asked: Pick<AskedGrid, 'karrasSigmas'>,
): WrittenSampling {
  const type = scheduleTypeOf(schedule, asked)
  const name = sampler.written
  const written = { sampler: name, ...(type === undefined ? {} : { type }) }
  // What a checkpoint asks for is its own affair: who reads the picture has it too.
  if (schedule === sampler.schedule) return written
  const back = samplerCalled(name, { schedule: type })
  const same = back.sampler?.sample === sampler.sample && (back.schedule ?? back.sampler.schedule) === schedule
  return same ? written : { ...written, exactly: schedule.name }
}

const solvers = new Map<Sampler, readonly string[]>()

function solversOf(sampler: Sampler): readonly string[] {
  const known = solvers.get(sampler) ?? [sampler.name, sampler.written, ...sampler.aliases].map((alias) => apart(alias).solver)
  solvers.set(sampler, known)
  return known
}

/** `DPM++ 2M Karras`, `k_dpmpp_2m` and `dpm++2m karras` apart: the solver as a plain word, and the noise levels that stand behind it. */
function apart(name: string): { solver: string; ending?: string } {
  const words = name.replace(/^k[_-]/i, '').split(/[\s_-]+/)
  for (let at = 1; at < words.length; at++) {
    const ending = words.slice(at).join(' ')
    if (scheduleCalled(ending)) return { solver: plainWord(words.slice(0, at).join('')), ending }
  }
  return { solver: plainWord(words.join('')) }
}
