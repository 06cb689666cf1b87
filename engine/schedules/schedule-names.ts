// Schedules by their names, ours and other programs'.
import { PigmentError } from '../requests/error.ts'
import { schedules } from './index.ts'
import type { Schedule } from './schedule.ts'

/** Those of other programs that are not here: a sampler's name may end with one. */
const others = new Set('aysgits gits turbo linearquadratic laplace trailing'.split(' '))

/** Letters and digits alone; `++` is read as pp, as in `dpmpp`. */
export const plainWord = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll('++', 'pp')
    .replace(/[^\p{L}\p{N}]/gu, '')

/**
 * The schedule that another program's name means, `unknown` for one that we know by name only. Where several have the name, the one whose title
 * says whose it is.
 */
export function scheduleCalled(text: string, whose?: string): Schedule | 'unknown' | undefined {
  const word = plainWord(text)
  const found = schedules.filter(({ name, title, aliases }) => [name, title, ...aliases].some((one) => plainWord(one) === word))
  const theirs = whose === undefined ? undefined : found.find(({ title }) => title.includes(whose))
  return theirs ?? found.find(({ name }) => plainWord(name) === word) ?? found[0] ?? (others.has(word) ? 'unknown' : undefined)
}

/** The schedule of this name, ours or another program's. */
export function scheduleByName(name: string): Schedule {
  const found = schedules.find((one) => one.name === name) ?? scheduleCalled(name)
  if (found && found !== 'unknown') return found
  const names = schedules.map((one) => one.name)
  throw new PigmentError('schedule-unknown', `There is no schedule "${name}". Choose one of: ${names.join(', ')}.`, { name, names })
}
