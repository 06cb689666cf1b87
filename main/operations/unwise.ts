// What is unwise about the pictures of a run and what is asked of it: told before it begins, in the studio's forecast and in a terminal alike.
import { choices } from '../../engine/choices.ts'
import type { Looked } from '../../engine/datasets/cautions/caution.ts'
import { cautions } from '../../engine/datasets/cautions/index.ts'
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { ModelDefaults } from '../../engine/requests/model-defaults.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'

interface Ground extends Pick<Looked, 'pictures' | 'trigger' | 'side'> {
  readonly defaults: ModelDefaults
  /** As many as are foreseen. */
  readonly steps?: number | undefined
}

export function unwiseIn(
  request: Omit<TrainRequest, 'dataset'>,
  { pictures, trigger, side, defaults, steps = request.steps }: Ground,
): ErrorRecord[] {
  const { lr, warmup } = request
  const asked = { lr, warmup, steps, usualRate: usualRate(request, defaults), resolution: farthest(side, request) }
  return cautions.flatMap((one) => one.look({ pictures, trigger, side, asked }) ?? [])
}

/** Of the sizes that sets are learnt at the one that is farthest from the model's. */
function farthest(side: number, { resolution, sets = [] }: Pick<TrainRequest, 'resolution' | 'sets'>): number | undefined {
  const far = (one: number): number => Math.abs(Math.log(one / side))
  return [resolution, ...sets.map((set) => set.resolution)].flatMap((one) => one ?? []).toSorted((a, b) => far(b) - far(a))[0]
}

/** What goes with the choices of a request stands before the model's own. */
function usualRate(request: Readonly<Record<string, unknown>>, { presets }: ModelDefaults): number {
  const beside = Object.entries(choices).map(([field, all]) => all.find(({ name }) => name === request[field])?.usual?.lr)
  return beside.find((rate) => typeof rate === 'number') ?? presets.balanced.lr
}
