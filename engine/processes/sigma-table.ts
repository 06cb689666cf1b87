// σ of the training timesteps, and what lies between them.
import { PigmentError } from '../requests/error.ts'

/** The entry of a table at a whole timestep. Throws `timestep-invalid`. */
export function at(table: Float64Array, timestep: number): number {
  const value = table[timestep]
  if (value === undefined)
    throw new PigmentError('timestep-invalid', `Timestep ${timestep} is not one of the ${table.length} the model was trained with.`, {
      timestep,
      trainSteps: table.length,
    })
  return value
}

/** diffusers interpolates σ itself, k-diffusion its logarithm. */
export function sigmaBetween(sigmas: Float64Array, timestep: number, line: 'linear' | 'logarithmic'): number {
  if (line === 'logarithmic') {
    const [below, above, weight] = [Math.floor(timestep), Math.ceil(timestep), timestep % 1]
    return at(sigmas, below) ** (1 - weight) * at(sigmas, above) ** weight
  }
  const low = Math.floor(timestep)
  const weight = timestep - low
  return weight === 0 ? at(sigmas, low) : (1 - weight) * at(sigmas, low) + weight * at(sigmas, low + 1)
}

/** The timestep, not rounded, that has this σ, by its logarithm. */
export function timestepOf(sigmas: Float64Array, sigma: number): number {
  const last = sigmas.length - 1
  if (sigma <= at(sigmas, 0)) return 0
  if (sigma >= at(sigmas, last)) return last
  // The first σ above: they rise.
  let [below, high] = [0, last]
  while (high - below > 1) {
    const middle = (below + high) >> 1
    if (at(sigmas, middle) > sigma) high = middle
    else below = middle
  }
  const [low, above] = [at(sigmas, below), at(sigmas, high)]
  return below + Math.log(sigma / low) / Math.log(above / low)
}
