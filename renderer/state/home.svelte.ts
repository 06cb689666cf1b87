// What runs keep on the disk, as the start shows it: asked for when it is shown, and again when a run ends.
import type { RunOnDisk } from '../../main/api/methods/training.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

class Home {
  disk = $state.raw<readonly RunOnDisk[]>([])
  readonly #newest = latest()

  total = $derived(this.disk.reduce((sum, { bytes }) => sum + bytes, 0))
  largest = $derived(this.disk.toSorted((a, b) => b.bytes - a.bytes).at(0))

  async look(): Promise<void> {
    this.disk = (await this.#newest(host.api.training.disk())) ?? this.disk
  }
  of = (run: string): RunOnDisk | undefined => this.disk.find((one) => one.run === run)
}

export const home = new Home()
