// What programs call the ways in which noise levels are spaced.

export type ScheduleType = 'uniform' | 'karras'

/** As A1111's settings line and the lists of galleries have it. */
export const scheduleTitles: Readonly<Record<ScheduleType, string>> = { uniform: 'Uniform', karras: 'Karras' }

/** By plain word (see `plainWord`). A1111 says Uniform, ComfyUI normal, stable-diffusion.cpp discrete, NovelAI native, InvokeAI k for Karras. */
const known: ReadonlyMap<string, ScheduleType> = new Map([
  ...['uniform', 'normal', 'discrete', 'default', 'native'].map((word) => [word, 'uniform'] as const),
  ...['karras', 'k'].map((word) => [word, 'karras'] as const),
])
/** Those that are not here: a sampler's name may end with one. */
const others = new Set(
  'exponential polyexponential sgmuniform simple ddimuniform beta alignyoursteps ays kloptimal gits turbo linearquadratic laplace trailing lcm'.split(
    ' ',
  ),
)

/** Letters and digits alone; `++` is read as pp, as in `dpmpp`. */
export const plainWord = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll('++', 'pp')
    .replace(/[^\p{L}\p{N}]/gu, '')

/** Our word for a program's, `unknown` for one that we know by name only. */
export function scheduleCalled(text: string): ScheduleType | 'unknown' | undefined {
  const word = plainWord(text)
  return known.get(word) ?? (others.has(word) ? 'unknown' : undefined)
}
