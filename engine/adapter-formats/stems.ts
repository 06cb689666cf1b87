// Every spelling of every module of the base model. `lora_unet_down_blocks_0_…` cannot be taken apart, since `_` also stands inside names,
// so the table is built forwards from the known modules and files are looked up in it.
import { splitModuleKey, type ModuleShapes } from './base-modules.ts'
import { adapterFormats } from './index.ts'
import { flat } from './module-names.ts'

/** Module keys by spelling, dots as underscores: files that are converted by half mix the two. Two modules share one where the file does not say which text encoder it means. */
type StemTable = ReadonlyMap<string, readonly string[]>

const tables = new WeakMap<ModuleShapes, StemTable>()

/** The modules that a file may mean by a spelling. */
export const modulesOfStem = (modules: ModuleShapes, stem: string): readonly string[] => stemTable(modules).get(flat(stem)) ?? []

/** The table of a base model; made once. */
function stemTable(modules: ModuleShapes): StemTable {
  const known = tables.get(modules)
  if (known) return known
  const table = new Map<string, string[]>()
  for (const key of [...modules.shapes.keys(), ...modules.closed.keys()])
    for (const stem of new Set(adapterFormats.flatMap((format) => format.spellings(splitModuleKey(key), modules)).map(flat))) {
      const keys = table.get(stem)
      if (keys) keys.push(key)
      else table.set(stem, [key])
    }
  tables.set(modules, table)
  return table
}
