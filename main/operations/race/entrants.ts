// Who races: those of the survey, and every other kind of adapter and method that is registered. A name says nothing but what its values say.
import { trainableVariants } from '../../../engine/adapters/variants/index.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { RaceAbsence } from '../../../engine/requests/race.ts'
import { trainRequest, type TrainRequest } from '../../../engine/requests/train.ts'
import { methods } from '../../../engine/training/methods/index.ts'

export interface Entrant {
  readonly name: string
  readonly title: string
  readonly sets: Readonly<Record<string, unknown>>
  /** What the rate of the race is multiplied by. */
  readonly rate?: number
}

const of = (rank: number): Pick<TrainRequest, 'rank' | 'alpha'> => ({ rank, alpha: rank })

/** As one click runs them. */
const survey: readonly Entrant[] = [
  { name: 'lora-4', title: 'LoRA, rank 4', sets: of(4) },
  { name: 'lora-16', title: 'LoRA, rank 16', sets: of(16) },
  { name: 'qlora', title: 'QLoRA, rank 16', sets: { ...of(16), baseWeights: 'nf4' } },
  // Three small factors act as far as two only at a higher rate: at the others' it had learnt nothing after 60 steps, where they were done.
  { name: 'adalora', title: 'AdaLoRA, 24 to 16', sets: { ...of(24), method: 'adalora', methodOptions: { targetRank: 16 } }, rate: 10 },
  { name: 'dylora', title: 'DyLoRA, rank 16', sets: { ...of(16), method: 'dylora' } },
  { name: 'lora-plus', title: 'LoRA+, rank 16', sets: { ...of(16), loraPlus: 4 } },
  { name: 'lora-fa', title: 'LoRA-FA, rank 16', sets: { ...of(16), method: 'lora-fa' } },
  { name: 'dora', title: 'DoRA, rank 16', sets: { ...of(16), variant: 'dora' } },
  // All weights at once move the model as far at a rate much lower than an adapter's.
  { name: 'full', title: 'Full fine-tuning', sets: { method: 'full' }, rate: 1 / 20 },
]

const named = (entrant: Entrant): string[] => ['method', 'variant'].flatMap((field) => (entrant.sets[field] as string | undefined) ?? [])

/** The survey's, then what else is registered: each kind of adapter and each method with rank 16. */
export const entrants: readonly Entrant[] = (() => {
  const known = new Set([...survey.flatMap(named), 'lora', 'adapter'])
  const others = [
    ...trainableVariants.map(({ name, title }) => ({ name, title, sets: { ...of(16), variant: name } })),
    ...methods.map(({ name, title }) => ({ name, title, sets: { ...of(16), method: name } })),
  ]
  return [...survey, ...others.filter(({ name }) => !known.has(name))]
})()

/** Who takes part, the survey's unless some are named, and who of them is not in this program. Throws `race-unknown`. */
export function taking(names: readonly string[] = survey.map(({ name }) => name)): {
  readonly in: Entrant[]
  readonly absent: RaceAbsence[]
} {
  const unknown = names.find((name) => !entrants.some((one) => one.name === name))
  if (unknown !== undefined) {
    const all = entrants.map(({ name }) => name)
    throw new PigmentError('race-unknown', `Nobody called "${unknown}" can race. Choose among: ${all.join(', ')}.`, { name: unknown, all })
  }
  const asked = entrants.filter(({ name }) => names.includes(name))
  const here = (entrant: Entrant): boolean => trainRequest.safeParse({ dataset: '.', ...entrant.sets }).success
  const reason = 'It is not in this program.'
  return {
    in: asked.filter(here),
    absent: asked.flatMap((one) => (here(one) ? [] : { name: one.name, title: one.title, code: 'race-absent', reason })),
  }
}
