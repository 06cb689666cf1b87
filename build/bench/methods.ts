// What training methods keep for a UNet of the shape of Stable Diffusion 1.5, from their graphs alone: `npm run bench -- methods`. Nothing is run.
import type { TensorSource } from '../../engine/checkpoint/config.ts'
import { graphMemory } from '../../engine/graph/memory.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { tensorShapes } from '../../engine/models/keys/modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import { methodGraph } from '../../engine/training/method-graph.ts'

const config = sd1.published.unet
const source = (shape: readonly number[]): TensorSource => ({
  file: '',
  dtype: 'float16',
  shape,
  offset: 0,
  length: 2 * elementCount(shape),
})
const weights = new Map([...tensorShapes(unetModules(config))].map(([key, shape]) => [key, source(shape)]))

type Case = Pick<TrainRequest, 'method'> & Partial<TrainRequest>
const cases: readonly (readonly [string, Case])[] = [
  ['LoRA r4', { method: 'adapter', rank: 4 }],
  ['LoRA r16', { method: 'adapter', rank: 16 }],
  ['LoRA r16, convolutions', { method: 'adapter', rank: 16, layers: 'all' }],
  ['LoRA-FA r16', { method: 'lora-fa', rank: 16 }],
  ['LoRA-FA r16, convolutions', { method: 'lora-fa', rank: 16, layers: 'all' }],
  ['DyLoRA r16', { method: 'dylora', rank: 16 }],
  ['T-LoRA r16', { method: 't-lora', rank: 16 }],
  ['AdaLoRA r16', { method: 'adalora', rank: 16 }],
  ['full: norms and biases', { method: 'full', methodOptions: { what: 'norms-biases' } }],
  ['full: attention', { method: 'full' }],
  ['full: everything', { method: 'full', methodOptions: { what: 'everything' } }],
]
const MB = 2 ** 20
/** θ, its gradient and their sum, and the two moments of AdamW. */
const ofNumber = 5 * 4

const inMB = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`.padStart(13)
const columns = ['numbers', 'learning', 'given', 'constants', 'values', 'together']
console.log(
  `UNet of Stable Diffusion 1.5, fp16, 512², batch 1, AdamW\n${''.padEnd(28)}${columns.map((title) => title.padStart(13)).join('')}`,
)
for (const recompute of [false, true]) {
  console.log(recompute ? 'blocks computed again' : 'as it is')
  for (const [title, given] of cases) {
    const request = { ...trainRequest.parse({ dataset: 'd', steps: 100, ...given }), recompute }
    const { graph, trained, opened } = methodGraph({ family: 'sd1', unet: { config, weights }, textEncoders: [] }, request)
    const numbers = trained.reduce((sum, { shape }) => sum + elementCount(shape as number[]), 0)
    const still = (opened.plan().frozen ?? []).reduce((sum, { shape }) => sum + elementCount(shape), 0)
    const { constants, values } = graphMemory(graph, { N: 1, H: 64, W: 64, T: 77 })
    const row = [numbers * ofNumber, still * 4, constants, values, numbers * ofNumber + still * 4 + constants + values]
    console.log(`${title.padEnd(28)}${numbers.toLocaleString('en').padStart(13)}${row.map(inMB).join('')}`)
  }
}
