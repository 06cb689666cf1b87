// Numbers of a training run by block of the UNet, such as ranks and rates: `IN04=8,OUT=4`, or a list of them.
import { blockLayouts, blockNames } from './block-weights.ts'
import { PigmentError } from './error.ts'

/** By block; one that is not named has what all have. */
export type BlockValues = Readonly<Record<string, number>>

/** What a value may be. */
export interface BlockBounds {
  /** The field of the request, for errors. */
  readonly field: string
  readonly least: number
  readonly most: number
  readonly whole: boolean
}

/** Words for all blocks of a side; a block that is named after them has its own. */
const sides: Readonly<Record<string, readonly string[]>> = {
  IN: blockNames.filter((name) => name.startsWith('IN')),
  MID: ['M00'],
  OUT: blockNames.filter((name) => name.startsWith('OUT')),
}

/**
 * Single blocks or sides by name, or a list of the lengths that adapters are weighed by (`blockLayouts`); a block that a list has no place for has what
 * all have. Throws `block-values`.
 */
export function readBlockValues(text: string, bounds: BlockBounds): BlockValues {
  const parts = text.split(',').map((part) => part.trim())
  const valueOf = (part: string): number => checked(part, text, bounds)
  if (!parts.some((part) => part.includes('='))) {
    const layout = blockLayouts[parts.length]
    if (layout) return Object.fromEntries(layout.map((name, i) => [name, valueOf(parts[i] ?? '')]))
    throw refused(text, `it has ${parts.length === 1 ? 'one value' : `${parts.length} values`}`, bounds)
  }
  const given = parts.flatMap((part) => {
    const [name = '', value = ''] = part.split('=').map((word) => word.trim())
    const names = blockNames.includes(name) ? [name] : sides[name]
    if (!names || part.split('=').length !== 2) throw refused(text, `"${part.slice(0, 40)}" names no block`, bounds)
    return names.map((block) => [block, valueOf(value)] as const)
  })
  return Object.fromEntries(given)
}

function checked(value: string, text: string, bounds: BlockBounds): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN
  if (!(number >= bounds.least && number <= bounds.most) || (bounds.whole && !Number.isInteger(number)))
    throw refused(text, `"${value.slice(0, 40)}" is not ${rangeOf(bounds)}`, bounds)
  return number
}

const rangeOf = ({ least, most, whole }: BlockBounds): string => `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`

function refused(text: string, why: string, bounds: BlockBounds): PigmentError {
  const { field, least, most } = bounds
  const lengths = Object.keys(blockLayouts).join(', ')
  return new PigmentError(
    'block-values',
    `${field} "${text.slice(0, 80)}" cannot be used: ${why}. Name blocks, as IN04=8,OUT=4 (of ${blockNames.join(', ')}, or IN, MID, OUT for all of a side), or give a list of ${lengths} numbers, each ${rangeOf(bounds)}.`,
    { field, text: text.slice(0, 80), least, most, lengths, blocks: blockNames },
  )
}
