// An adapter of each style, trained as the demo trains but smaller; what is trained already is kept.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { trainRequest } from '../../../engine/requests/train.ts'
import { trainAdapter } from '../../../main/operations/train.ts'
import { threads } from '../draw.ts'
import { writeStyle, type ClashStyle } from './styles.ts'

export const adapterFile = (work: string, { name }: ClashStyle): string => join(work, `${name}.safetensors`)

/** Those that are missing in `work`, one after the other; a run that was stopped continues. */
export async function trainMissing(work: string, styles: readonly ClashStyle[], say: (line: string) => void): Promise<void> {
  const missing = styles.filter((style) => !existsSync(adapterFile(work, style)))
  for (const style of missing) {
    const out = adapterFile(work, style)
    const dataset = join(work, 'pictures', style.name)
    await writeStyle(style, dataset)
    const request = trainRequest.parse({
      dataset,
      rank: 16,
      alpha: 16,
      layers: 'all',
      steps: 150,
      batch: 8,
      lr: 4e-3,
      seed: 7,
      warmup: 40,
      captionDropout: 0.1,
      trigger: style.trigger,
      title: style.name,
      checkpointEvery: 25,
    })
    const given = { ...request, out, precision: 'fp32', device: 'cpu', threads } as const
    const began = performance.now()
    const losses: number[] = []
    await trainAdapter(given, { signal: new AbortController().signal, emit: (event) => event.type === 'step' && losses.push(event.loss) })
    const mean = losses.slice(-25).reduce((a, b) => a + b, 0) / 25
    say(
      `${style.name}: ${losses.length} steps in ${((performance.now() - began) / 1000).toFixed(0)} s, loss of the last ${mean.toFixed(4)}`,
    )
  }
}
