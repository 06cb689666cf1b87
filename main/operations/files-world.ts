// What a terminal knows where it draws a grid: adapters and models are files.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { GridWorld } from './axes/axis.ts'
import { adapterName } from './adapter-files.ts'
import type { LoraChoice } from './lora-choice.ts'

/** Adapters of the stack by their names or paths, others by their paths; a folder stands for all that it holds, as for the steps of a run. */
export function filesWorld(stack: readonly Pick<LoraChoice, 'file'>[]): GridWorld {
  return {
    adapters(name) {
      const own = stack.find(({ file }) => file === name || adapterName(file).toLowerCase() === name.toLowerCase())
      if (own) return [own.file]
      const found = statSync(name, { throwIfNoEntry: false })
      if (!found) return []
      const inside = found.isDirectory() ? readdirSync(name).filter((file) => /\.safetensors$/i.test(file)) : []
      return inside.length > 0 ? inside.toSorted().map((file) => join(resolve(name), file)) : [resolve(name)]
    },
    adapterTitle: adapterName,
    model: (name) => (existsSync(name) ? resolve(name) : undefined),
    modelTitle: (model) => model.split(/[\\/]/).at(-1) ?? model,
  }
}
