// How strongly an entry of a stack acts, and where.
import { PigmentError } from './error.ts'
import { blockWeightsText, readBlockWeights, type BlockReading, type BlockWeights } from './block-weights.ts'
import { courseText, readCourse, type SaidCourse, type StrengthCourse } from './strength-course.ts'

export interface Strength extends StrengthCourse {
  /** In the UNet; may be negative. */
  readonly weight: number
  /** In the text encoders, where it is another. They are asked before the first step, and have it whole. */
  readonly textWeight?: number | undefined
  /** Factors of both, by block. */
  readonly blocks?: BlockWeights | undefined
  /** Where in the picture it acts (`readRegion`), where that is not all of it. */
  readonly region?: string | undefined
}

/** As a tag or a settings line has it: factors of blocks as they are written, perhaps by a stranger. */
export interface SaidStrength extends Pick<Strength, 'weight' | 'textWeight' | 'region'>, SaidCourse {
  readonly lbw?: string | undefined
  /** What `X` of these stands for. */
  readonly x?: string | undefined
  /** Factors of single elements, which are not taken here. */
  readonly lbwe?: string | undefined
}

/** What is said, with its blocks and course read. Throws `block-weights`, `block-elements`, `strength-steps`, `strength-curve`. */
export function strengthSaid({ weight, textWeight, lbw, x, lbwe, region, ...course }: SaidStrength, reading: BlockReading = {}): Strength {
  if (lbwe !== undefined) throw elementsRefused(lbwe)
  return {
    weight,
    ...(textWeight === undefined || textWeight === weight ? {} : { textWeight }),
    ...(lbw === undefined ? {} : { blocks: readBlockWeights(lbw, { ...reading, base: baseSaid(x) }) }),
    ...(region === undefined ? {} : { region }),
    ...readCourse(course),
  }
}

function baseSaid(x: string | undefined): number | undefined {
  if (x === undefined) return undefined
  if (/^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(x) && Math.abs(Number(x)) <= 100) return Number(x)
  throw new PigmentError(
    'block-weights',
    `What X of block weights stands for has to be a number between -100 and 100, got "${x.slice(0, 40)}".`,
    {
      text: x.slice(0, 40),
    },
  )
}

function elementsRefused(text: string): PigmentError {
  const shown = text.slice(0, 60)
  return new PigmentError(
    'block-elements',
    `"lbwe=${shown}" weighs single elements of a block, which is not taken here. Leave it out of the tag, and weigh whole blocks by lbw=.`,
    { text: shown },
  )
}

/** How numbers of a strength are written. */
interface Written {
  readonly number?: (value: number) => number
  /** Of so many steps: places among them as whole steps, which other programs take alone. */
  readonly steps?: number
}

/** As a tag has it behind the name: `0.8`, `TE:UNET`, either with `:lbw=…`, `:start=…`, `:stop=…` and `:curve=…`. */
export function strengthText(
  { weight, textWeight = weight, blocks, ...course }: Strength,
  { number = (value) => value, steps }: Written = {},
): string {
  const both = textWeight === weight ? `${number(weight)}` : `${number(textWeight)}:${number(weight)}`
  return `${both}${blocks === undefined ? '' : `:lbw=${blockWeightsText(blocks)}`}${courseText(course, steps)}`
}
