// Presets that a person made, as a readable file in the data folder.
import { join } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { mostPresets, ownPreset, type OwnPreset } from '../api/methods/training-presets.ts'
import { JsonFile } from './json-file.ts'

const file = z.object({ version: z.literal(1).default(1), presets: z.array(ownPreset).default([]) })

export class TrainingPresets {
  readonly #file: JsonFile<typeof file>
  private constructor(stored: JsonFile<typeof file>) {
    this.#file = stored
  }

  static async open(root: string): Promise<TrainingPresets> {
    return new TrainingPresets(await JsonFile.open(join(root, 'training-presets.json'), file))
  }

  list(): readonly OwnPreset[] {
    return this.#file.value.presets
  }

  /** In place of one of the same name. Throws `presets-full`. */
  async keep(preset: OwnPreset): Promise<readonly OwnPreset[]> {
    const others = this.list().filter(({ name }) => name !== preset.name)
    if (others.length >= mostPresets)
      throw new PigmentError('presets-full', `There are ${mostPresets} presets already. Delete one that is not needed.`, {
        most: mostPresets,
      })
    return this.#set([...others, preset])
  }

  async remove(name: string): Promise<readonly OwnPreset[]> {
    return this.#set(this.list().filter((one) => one.name !== name))
  }

  async #set(presets: readonly OwnPreset[]): Promise<readonly OwnPreset[]> {
    await this.#file.set(file.parse({ presets }))
    return this.list()
  }
}
