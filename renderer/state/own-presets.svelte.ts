// Presets that a person made: what a training form may begin with, beside those of the model.
import type { OwnPreset } from '../../main/api/methods/training-presets.ts'
import { t } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'

/** What a form begins with. */
export interface Start {
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
  /** Of one that a person made: what its values were chosen for. */
  readonly family?: string | undefined
}
/** Its name cannot be that of another preset. */
export const ownStart = (name: string): string => `own:${name}`
export const ownName = (start: string): string | undefined => /^own:(.+)$/s.exec(start)?.[1]

class OwnPresets {
  all = $state.raw<readonly OwnPreset[]>([])
  starts = $derived(this.all.map(({ name, values, family }): Start => ({ name: ownStart(name), values, family })))

  async load(): Promise<void> {
    this.all = await host.api.training.presets()
  }

  /** Gives the name of the start that it is; nothing where it was not kept. */
  async keep(preset: OwnPreset): Promise<string | undefined> {
    const all = await host.attempt(() => host.api.training.keepPreset(preset))
    if (!all) return undefined
    this.all = all
    return ownStart(preset.name)
  }

  /** Takes it away, with a way back. */
  async remove(start: string): Promise<void> {
    const gone = this.all.find(({ name }) => ownStart(name) === start)
    if (!gone) return
    this.all = (await host.attempt(() => host.api.training.removePreset({ name: gone.name }))) ?? this.all
    const text = t('train.preset.deleted', { name: gone.name })
    host.tell({ text, action: { label: t('app.undo'), run: () => void this.keep(gone) } })
  }
}

export const ownPresets = new OwnPresets()
