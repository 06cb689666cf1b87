// Where in the picture an entry of a stack acts: a box in shares of its sides, a picture that is white there, or where its words are found.
import { z } from 'zod'
import { PigmentError } from './error.ts'
import type { GenerateRequest } from './generate.ts'

/** `0,0,0.5,1` (left, top, width, height in shares of the picture), `auto` or `auto:words of the prompt`, or the file of a mask. */
export const regionText = z.string().min(1).max(4096)

export type Region =
  | { readonly kind: 'box'; readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  | { readonly kind: 'mask'; readonly file: string }
  /** Where the words are found in the picture; without, those that call the adapter. */
  | { readonly kind: 'auto'; readonly words?: string }

const numbers = /^\s*[+-]?[\d.]+(\s*,\s*[+-]?[\d.]+)*\s*$/

/** Throws `region-invalid`. */
export function readRegion(text: string): Region {
  const [, words] = /^\s*auto\s*(?::\s*([^;\n]*?)\s*)?$/.exec(text) ?? []
  if (words) return { kind: 'auto', words }
  if (/^\s*auto\s*:?\s*$/.test(text)) return { kind: 'auto' }
  if (!numbers.test(text) && text.trim() !== '') return { kind: 'mask', file: text }
  const shares = text.split(',').map(Number)
  const [left = NaN, top = NaN, width = NaN, height = NaN] = shares
  // A little beyond the border is where shares were rounded.
  const within = (from: number, length: number): boolean => from >= 0 && length > 0 && from + length <= 1.001
  if (shares.length !== 4 || !within(left, width) || !within(top, height))
    throw new PigmentError(
      'region-invalid',
      `The region "${text}" is no box inside of the picture. Give left, top, width and height as shares of its sides, as 0,0,0.5,1 for the left half; or the file of a mask, or auto.`,
      { region: text },
    )
  return { kind: 'box', left, top, width, height }
}

/** As a settings line has it. */
export const boxText = ({ left, top, width, height }: Region & { kind: 'box' }): string => [left, top, width, height].join(',')

/** Before anything is read. Throws `region-invalid`, `region-folded`. */
export function checkRegions({ mode }: Pick<GenerateRequest, 'mode'>, stack: readonly { readonly region?: string | undefined }[]): void {
  const regions = stack.flatMap(({ region }) => region ?? [])
  for (const region of regions) readRegion(region)
  if (regions.length > 0 && mode === 'folded')
    throw new PigmentError(
      'region-folded',
      'Adapters that are folded into the weights act on the whole picture, and one of them has a region. Set the mode to "stacked", or take the region away.',
      { regions },
    )
}
