// How strongly an entry of a stack acts, and where.
import { blockWeightsText, readBlockWeights, type BlockWeights } from './block-weights.ts'

export interface Strength {
  /** In the UNet; may be negative. */
  readonly weight: number
  /** In the text encoders, where it is another. */
  readonly textWeight?: number | undefined
  /** Factors of both, by block. */
  readonly blocks?: BlockWeights | undefined
  /** Where in the picture it acts (`readRegion`), where that is not all of it. */
  readonly region?: string | undefined
}

/** As a tag or a settings line has it: factors of blocks as they are written, perhaps by a stranger. */
export interface SaidStrength extends Omit<Strength, 'blocks'> {
  readonly lbw?: string | undefined
}

/** What is said, with its blocks read. Throws `block-weights`. */
export const strengthSaid = ({ weight, textWeight, lbw }: SaidStrength): Strength => ({
  weight,
  ...(textWeight === undefined || textWeight === weight ? {} : { textWeight }),
  ...(lbw === undefined ? {} : { blocks: readBlockWeights(lbw) }),
})

/** As a tag has it behind the name: `0.8`, `TE:UNET`, either with `:lbw=…`. */
export function strengthText(
  { weight, textWeight = weight, blocks }: Strength,
  number: (value: number) => number = (value) => value,
): string {
  const both = textWeight === weight ? `${number(weight)}` : `${number(textWeight)}:${number(weight)}`
  return blocks === undefined ? both : `${both}:lbw=${blockWeightsText(blocks)}`
}
