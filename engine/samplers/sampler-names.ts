// The names of samplers in other programs' settings, both ways: which sampler is meant, and how ours is written down.
import type { AskedGrid } from '../processes/process.ts'
import { plainWord, scheduleCalled, scheduleTitles, type ScheduleType } from '../schedules/schedule-types.ts'
import { samplers } from './index.ts'
import type { Sampler } from './sampler.ts'

export interface NamedSampler {
  readonly sampler?: Sampler
  /** What of the two names is not here, as written. */
  readonly unknown?: string
}

export interface NamedBy {
  /** A1111's `Schedule type`, ComfyUI's `scheduler`; where a program has one name for both it stands behind the sampler's. */
  readonly schedule?: string | undefined
  /** Whose noise levels the program takes where ours differ by that alone. */
  readonly grid?: 'A1111' | 'diffusers'
}

/** The sampler that another program's names mean. Where only its noise levels are not here it is the nearest, and they are `unknown`. */
export function samplerCalled(name: string, { schedule, grid = 'A1111' }: NamedBy = {}): NamedSampler {
  const titled = samplers.find(({ title }) => schedule === undefined && title === name)
  if (titled) return { sampler: titled }
  const { solver, ending } = apart(name)
  const candidates = samplers.filter((sampler) => solversOf(sampler).includes(solver))
  const [first] = candidates
  if (!first) return { unknown: name }
  const told = schedule ?? ending
  const automatic = told !== undefined && plainWord(told) === 'automatic'
  const type = told === undefined ? 'uniform' : automatic ? (automaticOf(candidates) ?? 'uniform') : (scheduleCalled(told) ?? 'unknown')
  const fitting = candidates.filter((sampler) => !sampler.schedule.type || typeOf(sampler) === type)
  const known = fitting.length > 0 ? fitting : candidates
  const sampler = known.find(({ title }) => title.includes(grid)) ?? known[0] ?? first
  return fitting.length > 0 || told === undefined ? { sampler } : { sampler, unknown: schedule ?? name }
}

/** How a sampler stands in a settings line: `Sampler` and, where it has noise levels of a name, `Schedule type`. */
export function samplerWritten(
  { written, schedule }: Sampler,
  asked: Pick<AskedGrid, 'karrasSigmas'>,
): { sampler: string; schedule?: string } {
  if (!schedule.type) return { sampler: written }
  const type = schedule.type === 'checkpoint' ? (asked.karrasSigmas ? 'karras' : 'uniform') : schedule.type
  return { sampler: written, schedule: scheduleTitles[type] }
}

const typeOf = ({ schedule: { type } }: Sampler): ScheduleType | undefined => (type === 'checkpoint' ? 'uniform' : type)
const automaticOf = (candidates: readonly Sampler[]): ScheduleType | undefined => candidates.find(({ automatic }) => automatic)?.automatic

function solversOf({ name, written, aliases }: Sampler): string[] {
  return [name, written, ...aliases].map((alias) => apart(alias).solver)
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
