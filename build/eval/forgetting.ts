// What a run unlearns with and without preservation: a sample style learnt in equal steps, its style on concepts that no set shows, and how far neutral
// pictures have moved, as the forgetting meter tells it.
// node build/eval/forgetting.ts [--style NAME] [--steps N] [--weights 0,1] [--concepts N] [--out DIR]
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readAdapter } from '../../engine/adapter-formats/read.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { promptOf, sampleStyles, scoredConcepts } from '../../main/operations/demo-styles.ts'
import { train } from '../../main/operations/engine/train.ts'
import type { ForgettingPoint } from '../../main/api/methods/training.ts'
import type { TrainingEvent } from '../../main/operations/events.ts'
import { assetPath } from '../../main/places/asset-path.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { draw, openModel, threads } from './draw.ts'
import { shareInStyle } from './measures.ts'

const { values } = parseArgs({
  options: {
    style: { type: 'string', default: 'black-ink' },
    steps: { type: 'string', default: '60' },
    weights: { type: 'string', default: '0,0.25,1,4' },
    concepts: { type: 'string', default: '24' },
    out: { type: 'string', default: join(tmpdir(), 'pigment-forgetting') },
  },
})
const style = sampleStyles.find(({ name }) => name === values.style)
if (!style) throw new Error(`There is no sample set "${values.style}".`)
const [steps, count] = [Number(values.steps), Number(values.concepts)]
await mkdir(values.out, { recursive: true })

const ways = values.weights.split(',').map((text) => {
  const preserve = Number(text)
  return [preserve === 0 ? 'nothing' : `output, weight ${preserve}`, { preservation: 'output', preservationOptions: { preserve } }] as const
})

const usual = {
  dataset: join(assetPath('samples'), style.name),
  trigger: style.trigger,
  layers: 'all',
  rank: 16,
  alpha: 16,
  batch: 4,
  lr: 2e-3,
  warmup: Math.floor(steps / 4),
  captionDropout: 0.1,
  checkpointEvery: 0,
} as const

const rows = []
for (const [name, way] of ways) {
  const out = join(values.out, `${name.replace(/\W+/g, '-')}.safetensors`)
  let [point, seconds]: [ForgettingPoint | undefined, number] = [undefined, 0]
  const told = (event: TrainingEvent): void => {
    if (event.type === 'forgetting') point = event
    if (event.type === 'done') seconds = event.seconds
  }
  const request = trainRequest.parse({ ...usual, ...way, steps })
  await train(
    { ...request, model: embeddedPath, out, precision: 'fp32', device: 'cpu', threads, forgetting: 0 },
    { signal: new AbortController().signal, emit: told, onNotify: () => undefined },
  )
  await using model = await openModel()
  const adapter = await readAdapter(out, model.modules)
  const prompts = scoredConcepts.slice(0, count).map((concept) => ({ text: promptOf(concept, [style]), concept, style: '' }))
  const drawn = await draw(model, prompts, [{ adapter, weight: 1, enabled: true }])
  const { latents, features, restyled } = point ?? { latents: NaN, features: NaN, restyled: NaN }
  const share = (value = NaN): string => `${(100 * value).toFixed(0)} %`
  rows.push({
    preserved: name,
    style: share(shareInStyle(drawn, style.judged)),
    'latents moved': latents.toFixed(3),
    'features moved': features.toFixed(3),
    'in another style': share(restyled),
    seconds: seconds.toFixed(0),
  })
  console.log(JSON.stringify(rows.at(-1)))
}
console.table(rows)
