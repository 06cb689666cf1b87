// What a run told of its inside so far, folded out of its events: the same on both sides of every border.
import type { TrainEvent } from './train-events.ts'
import type { PictureLoss, WatchEvent } from './watch-events.ts'

type Of<Type extends WatchEvent['type']> = Omit<Extract<WatchEvent, { readonly type: Type }>, 'type'>

export interface Diagnosis {
  /** Gradients and updates by block, in the order of their steps. */
  readonly looks: readonly Of<'diagnostics'>[]
  /** The last of each. */
  readonly rankUse?: Of<'rank-use'>
  readonly pictures?: { readonly step: number; readonly pictures: readonly PictureLoss[] }
  /** Layers that had no gradient and never changed by a step: how many of how many, and the first of them by name. */
  readonly dead?: { readonly step: number; readonly dead: number; readonly layers: number; readonly names: readonly string[] }
}
export const noDiagnosis: Diagnosis = { looks: [] }
export const isDiagnosed = ({ looks, rankUse, pictures, dead }: Diagnosis): boolean =>
  looks.length > 0 || rankUse !== undefined || pictures !== undefined || dead !== undefined

/** Of more looks every second one is let go: a course is seen as well. */
const mostLooks = 240

type Telling = Extract<TrainEvent, { readonly type: 'start' | 'warning' | 'diagnostics' | 'rank-use' | 'picture-losses' }>
const telling: readonly string[] = ['start', 'warning', 'diagnostics', 'rank-use', 'picture-losses'] satisfies readonly Telling['type'][]
const isTelling = (event: { readonly type: string }): event is Telling => telling.includes(event.type)

/** What is known after an event; the same object where the event says nothing of it. */
export function diagnosedBy(known: Diagnosis, event: { readonly type: string }): Diagnosis {
  if (!isTelling(event)) return known
  switch (event.type) {
    // A run that went back to its checkpoint goes over these steps again.
    case 'start': {
      const looks = known.looks.filter(({ step }) => step <= event.step)
      return looks.length === known.looks.length ? known : { ...known, looks }
    }
    case 'diagnostics': {
      const { step, blocks } = event
      const looks = [...known.looks.filter((one) => one.step < step), { step, blocks }]
      return { ...known, looks: looks.length > mostLooks ? looks.filter((_, i) => i % 2 === 0 || i === looks.length - 1) : looks }
    }
    case 'rank-use': {
      const { type: _type, ...rankUse } = event
      return { ...known, rankUse }
    }
    case 'picture-losses':
      return { ...known, pictures: { step: event.step, pictures: event.pictures } }
    case 'warning': {
      const { step, dead, layers, names } = event.facts
      if (event.code !== 'layers-dead' || typeof step !== 'number' || typeof dead !== 'number') return known
      const told = Array.isArray(names) ? names.map(String) : []
      return { ...known, dead: { step, dead, layers: Number(layers), names: told } }
    }
  }
}
