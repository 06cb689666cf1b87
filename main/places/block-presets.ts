// A person's own presets of block weights: `lbwpresets.txt` in the data folder, written as hako-mikan's extension keeps its own, so that one may be
// copied there. A line is `NAME:1,0,…`; what is no such line, and what begins with #, is a remark.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { blockLayouts, type BlockReading } from '../../engine/requests/block-weights.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { dataFolder } from './places.ts'

const fileName = 'lbwpresets.txt'
/** A list takes some 60 bytes. */
const largest = 262_144

/** By name; none where there is no such file, or one that is no list of presets. */
export function ownBlockPresets(folder = dataFolder()): Readonly<Record<string, string>> {
  const file = join(folder, fileName)
  try {
    const about = statSync(file)
    return about.isFile() && about.size <= largest ? presetsIn(readFileSync(file, 'utf8')) : {}
  } catch {
    return {}
  }
}

/** Presets as the extension writes them. */
export function presetsIn(text: string): Readonly<Record<string, string>> {
  const found = text.split(/\r?\n/).flatMap((line) => {
    const [, name = '', list = ''] = /^([^#:\s][^#:]*):([^#:]+)$/.exec(line.trim()) ?? []
    return Object.hasOwn(blockLayouts, list.split(',').length) ? [[name.trim(), list.trim()] as const] : []
  })
  return Object.fromEntries(found)
}

/** What a tag of a prompt may say of blocks: own presets, and what is drawn by the seed of the picture, of each adapter by itself. */
export function blockReading(seed: number, adapter: string): BlockReading {
  let drawn = 0
  const draw = (): number => randomStream(seed, `block weights of ${adapter}`, 0).uniform(++drawn).at(-1) ?? 0
  return { presets: ownBlockPresets(), draw }
}
