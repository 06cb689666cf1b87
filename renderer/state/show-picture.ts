// A picture of a run, shown in the set that it lies in.
import type { RunPicture } from '../../main/api/methods/training.ts'
import { asked } from './asked.svelte.ts'
import { datasets } from './datasets.svelte.ts'
import { host } from './host.svelte.ts'
import { router } from './router.svelte.ts'

export async function showPicture({ dataset, within }: Pick<RunPicture, 'dataset' | 'within'>): Promise<void> {
  await host.attempt(async () => {
    if (!datasets.loaded) await datasets.load()
    // A filter that was left there might hide it.
    if (datasets.openId === dataset) {
      datasets.filter.clear()
      datasets.refresh()
    } else datasets.open(dataset)
    router.go('datasets', dataset)
    const { pictures } = datasets
    await pictures.need(0)
    await pictures.find(within)
    const at = pictures.items.findIndex((one) => one?.path === within)
    if (at < 0) return
    await pictures.go(at)
    asked.wish = 'shown'
  })
}
