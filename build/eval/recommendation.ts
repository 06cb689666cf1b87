// Does the recommendation hold on pictures that neither the training nor it has seen? A sample set is cut in three: few pictures to train on for far too
// long, some that are held out, and others that judge each measured step by themselves.
// node build/run.mjs build/eval/recommendation.ts SET --folder DIR [--pictures 12] [--steps 2000] [--batch 2] [--every 50] [--lr 0.002] [--minutes 4]
// It stops after so many minutes, and the same command goes on from there.
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { scanDataset } from '../../engine/datasets/dataset.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { prepareTraining } from '../../engine/training/prepare-training.ts'
import { ask, type Probe } from '../../engine/training/probes.ts'
import { recommend } from '../../engine/training/watching/recommend.ts'
import { drain } from '../../main/operations/drain.ts'
import { trainAdapter } from '../../main/operations/train.ts'
import { readValidation } from '../../main/operations/watched-run.ts'
import { assetPath } from '../../main/places/asset-path.ts'
import { embeddedPath } from '../../main/places/embedded.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    pictures: { type: 'string', default: '12' },
    steps: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '2' },
    every: { type: 'string', default: '50' },
    lr: { type: 'string', default: '0.002' },
    minutes: { type: 'string', default: '4' },
  },
})
const [set = 'black-ink'] = positionals
const folder = values.folder ?? set
const [pictures, every] = [Number(values.pictures), Number(values.every)]

/** Trained on; a third as many held out, and two thirds to judge, spread over the set. */
async function cut(): Promise<Readonly<Record<'trained' | 'heldOut' | 'judges', string>>> {
  const from = assetPath(`samples/${set}`)
  const names = (await readdir(from)).filter((name) => /\.(png|jpe?g|webp)$/.test(name)).toSorted()
  const folders = { trained: join(folder, 'trained'), heldOut: join(folder, 'held-out'), judges: join(folder, 'judges') }
  const kinds = ['trained', 'judges', 'trained', 'heldOut', 'trained', 'judges'] as const
  for (const path of Object.values(folders)) await mkdir(path, { recursive: true })
  for (let n = 0; n < 2 * pictures; n++) {
    const name = names[Math.floor(((n + 0.5) * names.length) / (2 * pictures))] ?? ''
    for (const file of [name, name.replace(/\.\w+$/, '.txt')])
      await copyFile(join(from, file), join(folders[kinds[n % 6] ?? 'judges'], file))
  }
  return folders
}

const folders = await cut()
const request = {
  ...{ dataset: folders.trained, heldOutFolder: folders.heldOut, validateEvery: every, rank: 16, alpha: 16, layers: 'all', resolution: 64 },
  ...{ steps: Number(values.steps), batch: Number(values.batch), lr: Number(values.lr), course: 'constant', checkpointEvery: every },
} as const
const judged = join(folder, 'judges.json')
const losses = JSON.parse(await readFile(judged, 'utf8').catch(() => '{}')) as Record<string, number>

let probes: readonly Probe[] | undefined
async function probesOf(model: Model): Promise<readonly Probe[]> {
  const dataset = await scanDataset(folders.judges)
  const prepared = await drain(prepareTraining(model, dataset, trainRequest.parse(request)), () => undefined)
  const { outChannels } = model.checkpoint.unet.config
  return prepared.pictures.map(({ bucket, original, caption, plain }) => ({
    latents: { shape: [1, outChannels, bucket.height / model.pixelFactor, bucket.width / model.pixelFactor], data: plain.mean },
    caption,
    sizes: { original, drawn: bucket },
  }))
}

const out = join(folder, 'style.safetensors')
const [stop, began] = [new AbortController(), performance.now()]
await trainAdapter(
  { ...trainRequest.parse(request), model: embeddedPath, out, precision: 'fp32', device: 'cpu', threads: 2 },
  { signal: stop.signal, emit: (event) => void (event.type === 'recommendation' && process.stdout.write(`${event.reason.message}\n`)) },
  {
    async afterStep(model, step, adapter) {
      if (step === 1 || step % every === 0) {
        probes ??= await probesOf(model)
        const stack = step === 1 ? [] : [{ adapter: await adapter(), weight: 1, enabled: true }]
        losses[step === 1 ? 0 : step] = (await ask(model, stack, probes, 7)).loss
        await writeFile(judged, JSON.stringify(losses))
        await model.release('unet', 'text_encoder', 'text_encoder_2')
      }
      if (performance.now() - began > Number(values.minutes) * 60_000) stop.abort()
    },
  },
).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error
})

const { points = [] } = await readValidation(out)
const found = recommend({ points })
const of = (step: number): number => losses[step] ?? NaN
const measured = points.filter(({ step }) => step in losses)
for (const { step, heldOut, trained, gap } of measured)
  process.stdout.write(`${step}\t${trained.toFixed(4)}\t${heldOut.toFixed(4)}\t${gap.toFixed(4)}\t${of(step).toFixed(4)}\n`)
if (found) {
  const after = measured.filter(({ step }) => step > 0)
  const best = after.reduce((least, { step }) => (of(step) < of(least) ? step : least), after[0]?.step ?? 0)
  const [above, lost] = [of(found.step) / of(best) - 1, (of(found.step) - of(best)) / (of(0) - of(best))]
  process.stdout.write(`${found.reason.message}\nJudges: best at ${best} (${of(best).toFixed(4)}); at ${found.step} ${of(found.step).toFixed(4)}, ${(100 * above).toFixed(1)} % above it, ${(100 * lost).toFixed(1)} % of what was won; at the last ${of(found.last).toFixed(4)}\n`) // prettier-ignore
}
