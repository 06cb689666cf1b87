// What is unwise about the pictures of a run and what is asked of it: told before it begins, in the studio's forecast and in a terminal alike.
import { choices } from '../../engine/choices.ts'
import type { Looked } from '../../engine/datasets/cautions/caution.ts'
import { cautions } from '../../engine/datasets/cautions/index.ts'
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { ModelDefaults } from '../../engine/requests/model-defaults.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'

interface Ground extends Pick<Looked, 'pictures' | 'trigger' | 'side'> {
  readonly defaults: ModelDefaults
}

export function unwiseIn(request: Omit<TrainRequest, 'dataset'>, { pictures, trigger, side, defaults }: Ground): ErrorRecord[] {
  const { lr, resolution } = request
  const asked = { lr, usualRate: usualRate(request, defaults), resolution }
  return cautions.flatMap((one) => one.look({ pictures, trigger, side, asked }) ?? [])
}

/** What goes with the choices of a request stands before the model's own. */
function usualRate(request: Readonly<Record<string, unknown>>, { presets }: ModelDefaults): number {
  const beside = Object.entries(choices).map(([field, all]) => all.find(({ name }) => name === request[field])?.usual?.lr)
  return beside.find((rate) => typeof rate === 'number') ?? presets.balanced.lr
}
