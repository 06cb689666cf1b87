// The adapter variant that a request asks for, with its options, and whether its rank may be shared out.
import { trainableVariants } from '../adapters/variants/index.ts'
import type { TrainableVariant } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import { chosenOf } from '../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../requests/train.ts'
import { memberRank } from '../requests/members.ts'

const usual = trainRequest.shape.variant.parse(undefined)

/** Throws `variant-option-unknown`, `variant-option-invalid`. */
export function variantOf(request: Partial<TrainRequest>): {
  readonly variant: TrainableVariant
  readonly options: Readonly<Record<string, unknown>>
} {
  const chosen = chosenOf({ field: 'variant', choices: trainableVariants, request: trainRequest, usual }, request)
  // Names and list are written from the same folder.
  const { one: variant, options } = chosen as NonNullable<typeof chosen>
  return { variant, options }
}

/** Rank and alpha of one member, so that alpha / rank is the adapter's own. Throws `members-rank`, `members-variant`, and the above. */
export function memberShape(request: Pick<TrainRequest, 'rank' | 'alpha' | 'members'> & Partial<TrainRequest>): {
  rank: number
  alpha: number
} {
  const { title, training } = variantOf(request).variant
  if (request.members > 1 && training.members !== 'averaged')
    throw new PigmentError(
      'members-variant',
      `The rank of a ${title} cannot be shared out among members. ${training.members.no} Set members to 1.`,
      { variant: title, members: request.members },
    )
  return { rank: memberRank(request), alpha: request.alpha / request.members }
}
