// Factors of an adapter's strength by block, as hako-mikan's sd-webui-lora-block-weight has them, whose lists and presets stand in many prompts.
import { z } from 'zod'
import { PigmentError } from './error.ts'

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name}${String(n).padStart(2, '0')}`)

/** All text encoders, and the blocks of a UNet as ldm's code numbers them. What stands in no block (time, size, the last layer) has no factor. */
export const blockNames: readonly string[] = ['BASE', ...numbered('IN', 12), 'M00', ...numbered('OUT', 12)]

const named = (text: string): readonly string[] => text.split(' ')

/** The lists that there are, by their length: SDXL, SD 1 and 2 where attention is, SDXL with convolutions, all. */
export const blockLayouts: Readonly<Record<number, readonly string[]>> = {
  12: named('BASE IN04 IN05 IN07 IN08 M00 OUT00 OUT01 OUT02 OUT03 OUT04 OUT05'),
  17: named('BASE IN01 IN02 IN04 IN05 IN07 IN08 M00 OUT03 OUT04 OUT05 OUT06 OUT07 OUT08 OUT09 OUT10 OUT11'),
  20: ['BASE', ...numbered('IN', 9), 'M00', ...numbered('OUT', 9)],
  26: blockNames,
}

/** The extension's own (`DEF_WEIGHT_PRESET`). */
export const blockPresets: Readonly<Record<string, string>> = {
  NONE: '0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0',
  ALL: '1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1',
  INS: '1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0',
  IND: '1,0,0,0,1,1,1,0,0,0,0,0,0,0,0,0,0',
  INALL: '1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0',
  MIDD: '1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0',
  OUTD: '1,0,0,0,0,0,0,0,1,1,1,1,0,0,0,0,0',
  OUTS: '1,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1',
  OUTALL: '1,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1',
  'ALL0.5': '0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5',
}

/** Factor by block; a block that is not named has 1. */
export type BlockWeights = Readonly<Record<string, number>>

/** As strong as a strength itself may be. */
const strongest = 100

const unknownBlock = (name: string): string => `there is no block "${name}"; the blocks are ${blockNames.join(', ')}`

export const blockWeights = z.record(z.string().max(12), z.number().min(-strongest).max(strongest)).superRefine((given, context) => {
  for (const name of Object.keys(given))
    if (!blockNames.includes(name)) context.addIssue({ code: 'custom', message: unknownBlock(name), input: given, path: [name] })
})

/** What beside a text says what it means. */
export interface BlockReading {
  /** A person's own, which come before the extension's. */
  readonly presets?: Readonly<Record<string, string>> | undefined
  /** Uniform in [0, 1), a draw each: for `R`, which is between 0 and 1, and `U`, which is between -0.5 and 1.5. */
  readonly draw?: (() => number) | undefined
  /** What `X`, `X+0.2` and `X-0.2` stand for. */
  readonly base?: number | undefined
}

/**
 * A preset, a list of one of the lengths above, or single blocks as `IN04=0.5,M00=0`. A list sets the blocks that it has no place for to 0, as the
 * extension does. Throws `block-weights`.
 */
export function readBlockWeights(text: string, reading: BlockReading = {}): BlockWeights {
  const known = { ...blockPresets, ...reading.presets }
  const parts = (Object.hasOwn(known, text.trim()) ? (known[text.trim()] as string) : text).split(',').map((part) => part.trim())
  const factor = (value: string): number => factorOf(text, value, reading)
  if (parts.every((part) => /^[A-Z]+\d*=/.test(part))) {
    const given = parts.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const)
    for (const [name] of given) if (!blockNames.includes(name)) throw refused(text, `${unknownBlock(name)}.`)
    return Object.fromEntries(given.map(([name, value]) => [name, factor(value)]))
  }
  const layout = blockLayouts[parts.length]
  if (!layout) throw refused(text, parts.length === 1 ? 'it is no preset.' : `it has ${parts.length} values.`, Object.keys(known))
  const listed = new Map(layout.map((name, i) => [name, factor(parts[i] ?? '')]))
  return Object.fromEntries(blockNames.map((name) => [name, listed.get(name) ?? 0]))
}

/** The shortest text that says the same: a preset, of a person's own where some are given, or the list of all. */
export function blockWeightsText(blocks: BlockWeights, presets: Readonly<Record<string, string>> = {}): string {
  const list = (given: BlockWeights): string => blockNames.map((name) => given[name] ?? 1).join(',')
  const said = list(blocks)
  return Object.keys({ ...presets, ...blockPresets }).find((name) => list(readBlockWeights(name, { presets })) === said) ?? said
}

/** Whether a word is meant as a list or a preset. */
export const isBlockWeights = (text: string): boolean => Object.hasOwn(blockPresets, text.trim()) || text.includes(',')

function factorOf(text: string, value: string, { draw, base = 1 }: BlockReading): number {
  if (value === 'R' || value === 'U') {
    if (!draw) throw refused(text, `"${value}" is drawn by the seed of a picture, in a tag of its prompt alone.`)
    // In thousandths, as the extension rounds them.
    return Math.round(1000 * (value === 'R' ? draw() : 2 * draw() - 0.5)) / 1000
  }
  const [, by] = /^X([+-](?:\d+\.?\d*|\.\d+))?$/.exec(value) ?? []
  if (value.startsWith('X') && (by !== undefined || value === 'X')) return base + Number(by ?? 0)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) throw refused(text, `"${value}" is no number.`)
  if (Math.abs(Number(value)) > strongest) throw refused(text, `${value} must lie between -${strongest} and ${strongest}.`)
  return Number(value)
}

function refused(text: string, why: string, presets = Object.keys(blockPresets)): PigmentError {
  const shown = text.slice(0, 80)
  const lengths = Object.keys(blockLayouts)
  return new PigmentError(
    'block-weights',
    `The block weights "${shown}" cannot be read: ${why} Give ${lengths.slice(0, -1).join(', ')} or ${lengths.at(-1)} numbers (${Object.values(
      blockLayouts,
    )
      .map((layout) => `${layout.length}: ${layout.length === blockNames.length ? 'all blocks' : layout.join(' ')}`)
      .join('; ')}), a preset (${presets.join(', ')}), or single blocks as IN04=0.5,M00=0.`,
    { text: shown, lengths: lengths.join(', '), presets: presets.join(', '), blocks: blockNames },
  )
}
