// The regions of adapters: given apart from them, `ink=0,0,0.5,1`, and told in what a picture says of itself.
import { createHash } from 'node:crypto'
import { acts } from '../../engine/adapters/stack.ts'
import { readPictureFile } from '../../engine/images/picture.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { boxText, readRegion } from '../../engine/requests/regions.ts'
import type { LoadedLora } from './load-loras.ts'

/** `ADAPTER=REGION`, each by the name of an adapter that is there. Throws `region-adapter-unknown`, `region-names-alike`, `region-twice`. */
export function withRegions(loras: readonly LoadedLora[], given: readonly string[]): readonly LoadedLora[] {
  const names = loras.map(({ entry }) => entry.adapter.name)
  const regions = new Map<string, string>()
  for (const text of given) {
    // A name may hold `=` itself, so the longest that fits is meant.
    const name = names.filter((one) => text.startsWith(`${one}=`)).toSorted((a, b) => b.length - a.length)[0]
    if (name === undefined)
      throw new PigmentError(
        'region-adapter-unknown',
        `The region "${text}" belongs to no adapter of the picture. ${names.length > 0 ? `There are: ${names.join(', ')}.` : 'It has none.'} Write ADAPTER=REGION, as ${names[0] ?? 'ink'}=0,0,0.5,1.`,
        { region: text, names },
      )
    if (names.indexOf(name) !== names.lastIndexOf(name))
      throw new PigmentError(
        'region-names-alike',
        `Two adapters of the picture are called "${name}", and it is not told which one acts in "${text.slice(name.length + 1)}". Copy one of them under another name.`,
        { name, region: text.slice(name.length + 1) },
      )
    if (regions.has(name)) throw new PigmentError('region-twice', `The adapter "${name}" has two regions. Give one.`, { name })
    regions.set(name, text.slice(name.length + 1))
  }
  return loras.map((lora) => {
    const region = regions.get(lora.entry.adapter.name)
    return region === undefined ? lora : { ...lora, entry: { ...lora.entry, region } }
  })
}

/** `ink: 0,0,0.5,1; wash: auto; stamp: mask <hash>`, for a settings line; undefined where all act everywhere. A mask is told by what its file holds. */
export async function regionsSaid(loras: readonly LoadedLora[]): Promise<string | undefined> {
  const said: string[] = []
  for (const { entry } of loras)
    if (entry.region !== undefined && acts(entry))
      said.push(`${entry.adapter.name.replace(/[,:;]/g, '_')}: ${await regionSaid(entry.region)}`)
  return said.length > 0 ? said.join('; ') : undefined
}

async function regionSaid(text: string): Promise<string> {
  const region = readRegion(text)
  if (region.kind === 'auto') return region.words === undefined ? 'auto' : `auto:${region.words}`
  if (region.kind === 'box') return boxText(region)
  return `mask ${createHash('sha256')
    .update(await readPictureFile(region.file))
    .digest('hex')
    .slice(0, 24)}`
}
