// Where the adapters of a recalled picture act. No path out of a picture is opened: a mask is looked for by its content among the pictures that were
// given to draw from before.
import { basename } from 'node:path'
import type { NamedLora } from '../../engine/images/recipe.ts'
import { readRegion } from '../../engine/requests/regions.ts'
import type { Recalled, StackEntry } from '../api/methods/generate.ts'
import type { Library } from '../stores/library.ts'

interface Told {
  readonly loras: readonly NamedLora[]
  readonly own?: { readonly stack: readonly StackEntry[] }
  readonly kept?: readonly string[]
}

interface Found<Said> {
  readonly said: Said
  readonly unfit: Recalled['missing'][number][]
}

/** What a picture says, with the regions that are here. */
export function regionsHere<Said extends Told>(said: Said, library: Pick<Library, 'byName'>): Found<Said> {
  const unfit: Found<Said>['unfit'] = []
  const fitting = <Entry extends { readonly region?: string | undefined }>(entry: Entry, name: string): Entry => {
    const { region, ...whole } = entry
    if (region === undefined) return entry
    const found = regionHere(region, said.kept ?? [])
    if (found === undefined)
      unfit.push({ kind: 'setting', name: `Lora regions ${name}: ${region.split(/[\\/]/).at(-1)?.slice(0, 60) ?? ''}` })
    return (found === undefined ? whole : { ...whole, region: found }) as Entry
  }
  const loras = said.loras.map((lora) => fitting(lora, lora.name))
  if (!said.own) return { said: { ...said, loras }, unfit }
  // A form has the path of a mask where it was drawn; the line beside it has what it held.
  const named = new Map(loras.map((lora) => [library.byName(lora.name)?.id, lora]))
  const stack = said.own.stack.map(({ region, ...entry }) => {
    const lora = named.get(entry.adapter)
    if (!lora || region === undefined) return fitting({ ...entry, ...(region === undefined ? {} : { region }) }, entry.adapter)
    return { ...entry, ...(lora.region === undefined ? {} : { region: lora.region }) }
  })
  return { said: { ...said, own: { ...said.own, stack }, loras }, unfit }
}

function regionHere(text: string, kept: readonly string[]): string | undefined {
  const [, hash] = /^mask ([0-9a-f]{24})$/.exec(text) ?? []
  if (hash !== undefined) return kept.find((path) => basename(path).startsWith(`${hash}.`))
  try {
    return readRegion(text).kind === 'mask' ? undefined : text
  } catch {
    return undefined
  }
}
