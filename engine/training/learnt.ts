// Whether a run has learnt anything: told at its first checkpoint, and refused before its result takes a name.
import type { Adapter, AdapterModule } from '../adapters/adapter.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import { layoutOf, views } from '../runtime/flat-parameters.ts'
import { parts } from './member-vectors.ts'
import type { Member, Plan } from './plan.ts'
import { resultAtStart } from './theta.ts'

/** The layers whose change of the model is what it was at the start. Layers that have gone since then were let go of on purpose. */
export function unchangedLayers({ modules }: Pick<Adapter, 'modules'>, start: Pick<Adapter, 'modules'>): string[] {
  const key = ({ component, path, variant }: AdapterModule): string => `${component}.${path} ${variant}`
  const began = new Map(start.modules.map((module) => [key(module), module]))
  return modules.flatMap((module) => {
    const before = began.get(key(module))
    return before && variantCalled(module.variant).distance(module, before) === 0 ? [`${module.component}.${module.path}`] : []
  })
}

/**
 * Whether θ has moved what acts: numbers that began as zero where there are such, since what stands before them moves by its decay alone; else any.
 * Throws what a trainable's start throws.
 */
export async function hasLearnt(
  { trainables }: Pick<Plan<unknown>, 'trainables'>,
  members: readonly Member[],
  theta: Float32Array,
): Promise<boolean> {
  const { placements } = layoutOf(trainables)
  let [anyMoved, anyZero] = [false, false]
  for (const [k, own] of parts(theta, members.length).entries())
    for (const [i, { name }] of placements.entries()) {
      const [start, now] = [await trainables[i]?.start(members[k] as Member), views(placements, own)[name]?.data]
      const moved = start?.some((value, at) => value !== now?.[at]) ?? false
      const fromZero = start?.every((value) => value === 0) ?? false
      if (moved && fromZero) return true
      anyMoved ||= moved
      anyZero ||= fromZero
    }
  return anyMoved && !anyZero
}

/** What is looked at. */
interface Learning {
  readonly plan: Plan<Adapter>
  readonly members: readonly Member[]
  /** Of all members, as it is then. */
  readonly theta: Float32Array
  readonly request: Pick<TrainRequest, 'lr' | 'steps'>
  /** That were made already. */
  readonly step?: number
}

/** Passes on what a loop tells. Warns at its first checkpoint, and throws `save-nothing-learnt` at its end, where nothing was learnt at all. */
export async function* watchedLearning(loop: AsyncGenerator<TrainEvent, Adapter>, learning: Learning): AsyncGenerator<TrainEvent, Adapter> {
  const { plan, members, theta, request } = learning
  let [looked, step] = [false, learning.step ?? 0]
  for (;;) {
    const next = await loop.next()
    if (next.done) {
      if (!(await hasLearnt(plan, members, theta))) throw nothingLearnt(step, request)
      if (!plan.costly) yield* told(next.value, await resultAtStart(plan, members), step)
      return next.value
    }
    yield next.value
    if (next.value.type === 'step') ({ step } = next.value)
    if (next.value.type !== 'checkpoint' || looked) continue
    looked = true
    if (next.value.step < request.steps && !(await hasLearnt(plan, members, theta))) yield warning(nothingLearnt(next.value.step, request))
  }
}

function* told(adapter: Adapter, start: Adapter, step: number): Generator<TrainEvent> {
  const unchanged = unchangedLayers(adapter, start)
  const [first] = unchanged
  const { length: layers } = adapter.modules
  if (first === undefined) return
  const message = `${unchanged.length} of ${layers} layers have learnt nothing by step ${step}, "${first}" among them. Raise the learning rate, or adapt fewer layers.`
  yield warning(new PigmentError('save-layers-unchanged', message, { unchanged: unchanged.length, layers, step, first }))
}

const nothingLearnt = (step: number, { lr }: Learning['request']): PigmentError =>
  new PigmentError(
    'save-nothing-learnt',
    `At step ${step} the adapter is what it was at the start: nothing was learnt. Raise the learning rate (now ${lr}), or warm up for fewer steps.`,
    { step, lr },
  )

const warning = ({ code, message, facts }: PigmentError): TrainEvent => ({ type: 'warning', code, message, facts })
