// Fields that do nothing without another.
import { PigmentError } from './error.ts'
import type { TrainRequest } from './train.ts'

/** Refuses those that are given where `needs` is not. Throws `field-needs`. */
export function refuseWithout(
  request: Partial<TrainRequest>,
  needs: keyof TrainRequest,
  fields: readonly (keyof TrainRequest)[],
): undefined {
  const field = fields.find((name) => request[name] !== undefined && request[name] !== false)
  if (field === undefined) return undefined
  const sentence = `"${field}" does nothing without "${needs}". Give that too, or leave "${field}" out.`
  throw new PigmentError('field-needs', sentence, { field, needs })
}
