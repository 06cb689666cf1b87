// Further sets of pictures of a run that is set up: what each has of its own, their order, and which of them may be the first.
import type { FieldDescription } from '../../engine/requests/fields.ts'
import type { TrainingForm } from '../../main/api/methods/training.ts'
import { fieldName } from '../words/takes.ts'
import { fieldProblems, type FormProblem } from './form-problems.ts'

/** `folder` is the id of a set; what is not there is as the run has it. */
export type FurtherSet = NonNullable<TrainingForm['sets']>[number]
/** All sets of a run; how often the pictures of the first are seen is an option of the run. */
export interface AllSets {
  readonly dataset: string
  readonly repeats: number
  readonly further: readonly FurtherSet[]
}

/** What stands in sight on the card of a set. */
export const inSight = ['repeats', 'weight', 'resolution', 'classPictures', 'masked'] as const

/** With an option, or without it where it is at its default or as the run has it. */
export function withOption(set: FurtherSet, key: string, value: unknown, usual: unknown): FurtherSet {
  const { [key as keyof FurtherSet]: _before, ...others } = set
  return (value === undefined || value === usual ? others : { ...others, [key]: value }) as FurtherSet
}

/** As short as it can be said: a run that was made tells every default. */
export const lean = (set: FurtherSet, fields: readonly FieldDescription[]): FurtherSet =>
  Object.entries(set).reduce<FurtherSet>(
    (known, [key, value]) => withOption(known, key, value, fields.find((field) => field.key === key)?.default),
    set,
  )

/** Only a set that has nothing of its own but repeats: the first has what the run has, and the others are weighed against it. */
export const canLead = (set: FurtherSet | undefined): set is FurtherSet =>
  set !== undefined && Object.entries(set).every(([key, value]) => ['folder', 'repeats'].includes(key) || value === undefined)

const led = ({ dataset, repeats }: Pick<AllSets, 'dataset' | 'repeats'>): FurtherSet => ({
  folder: dataset,
  ...(repeats === 1 ? {} : { repeats }),
})

/** One place up or down, the first at place 0; undefined where it cannot be. */
export function moved(sets: AllSets, at: number, by: -1 | 1): AllSets | undefined {
  const to = at + by
  const further = [...sets.further]
  if (to < 0 || to > further.length) return undefined
  if (Math.min(at, to) > 0) {
    further.splice(to - 1, 0, ...further.splice(at - 1, 1))
    return { ...sets, further }
  }
  const [second] = further
  if (!canLead(second)) return undefined
  return { dataset: second.folder, repeats: second.repeats ?? 1, further: [led(sets), ...further.slice(1)] }
}

/** Without one of them; in place of the first comes the next that may be it. Undefined where none may, or it is the only one. */
export function without(sets: AllSets, at: number): AllSets | undefined {
  if (at > 0) return { ...sets, further: sets.further.filter((_, i) => i !== at - 1) }
  const next = sets.further.findIndex(canLead)
  const leader = sets.further[next]
  if (!leader) return undefined
  return { dataset: leader.folder, repeats: leader.repeats ?? 1, further: sets.further.filter((_, i) => i !== next) }
}

/** The key of a field of a further set, as its element and its problem are called. */
export const setKey = (index: number, key: string): string => `sets-${index}-${key}`

/** What does not fit in further sets, by the name of each. */
export const setProblems = (
  further: readonly FurtherSet[],
  fields: readonly FieldDescription[],
  nameOf: (folder: string) => string,
): FormProblem[] =>
  further.flatMap((set, index) =>
    fieldProblems(fields, (key) => set[key as keyof FurtherSet] ?? fields.find((field) => field.key === key)?.default).map(
      ({ key, text }) => ({ key: setKey(index, key), text: `${nameOf(set.folder) || fieldName('sets')} · ${text}` }),
    ),
  )
