// Zhang et al. 2023, "AdaLoRA" (arXiv 2303.10512): ΔW = α/R · P·Λ·Q, whose singular values are dropped over all layers together by how little they matter,
// so that ranks go where they are needed. Reference: peft AdaLoraModel, which leaves the orthogonal term out for a UNet; here it is not.
import { z } from 'zod'
import { lora, loraModule } from '../../adapters/variants/lora.ts'
import { triggerMetadata } from '../../adapters/triggers.ts'
import { inputNameA, inputNameB } from '../../adapters/stack-inputs.ts'
import type { Value } from '../../graph/graph.ts'
import { mul, reshape } from '../../graph/math.ts'
import { PigmentError } from '../../requests/error.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import { orthogonality } from '../orthogonality.ts'
import type { Trainable, Views } from '../plan.ts'
import { budgetAt, fallen, plainPair, tripletScores, updateImportance, type Triplets } from '../triplets.ts'
import { nameIn, type TrainedNetwork } from '../trained-networks.ts'
import type { TrainingMethod } from './method.ts'

const share = z.number().gt(0).lt(1).default(0.85)
const options = z.object({
  rank: z.int().min(1).default(12),
  steps: z.int().min(1).default(1000),
  targetRank: z
    .int()
    .min(1)
    .max(1024)
    .default(8)
    .meta({ description: 'mean rank of a layer in the end; it begins with the rank', step: 1 }),
  tinit: z.int().min(0).default(0).meta({ description: 'steps before ranks begin to fall', step: 10 }),
  tfinal: z.int().min(0).default(0).meta({ description: 'steps at the end in which ranks stay as they are', step: 10 }),
  deltaT: z.int().min(1).default(1).meta({ description: 'steps from one choice of ranks to the next', step: 1 }),
  sensitivityShare: share.meta({ description: 'β1, share of the mean sensitivity that is kept from step to step', step: 0.01 }),
  uncertaintyShare: share.meta({ description: 'β2, share of the mean uncertainty that is kept from step to step', step: 0.01 }),
  orthogonal: z.number().min(0).default(0.5).meta({ description: 'weight of the term that keeps P and Q orthogonal', step: 0.1 }),
})

interface Layer {
  readonly network: TrainedNetwork
  readonly path: string
  readonly parts: Triplets<Value>
}
const shapesOf = ([outputs = 0, ...window]: readonly number[], rank: number): Triplets<number[]> => {
  return { a: [rank, ...window], e: [rank, 1], b: [outputs, rank, ...window.slice(1).map(() => 1)] }
}
const valuesOf = ({ parts: { a, e, b } }: Layer): Value[] => [a, e, b]
const shapeOf = ({ shape }: Value): number[] => shape as number[]
const tensorsOf = (theta: Views, { parts: { a, e, b } }: Layer): Triplets<Tensor> => {
  return { a: theta[a.name] as Tensor, e: theta[e.name] as Tensor, b: theta[b.name] as Tensor }
}

export const adalora: TrainingMethod<typeof options> = {
  name: 'adalora',
  title: 'AdaLoRA',
  sentence:
    'Begins with more rank than it keeps and drops what matters least, so that each layer ends with the rank it needs: choose it for a small file of good quality, with five to ten times the rate of a LoRA.',
  options,
  members: { no: 'Each would drop singular values of its own.' },
  needsLength: { no: 'Its ranks fall by how far the run is on its way.' },
  continues: { no: 'Which singular values mattered is not in its file.' },
  fits({ variant = lora.name }, { rank, targetRank, steps, tinit, tfinal }) {
    if (variant !== lora.name) throw new PigmentError('adalora-variant', `AdaLoRA trains a ${lora.title} and no other adapter. Choose ${lora.title}.`, { variant }) // prettier-ignore
    const rise = `AdaLoRA lets ranks fall: its target rank ${targetRank} is above the rank ${rank}. Choose a rank of ${targetRank} or more, or a lower target.`
    if (targetRank > rank) throw new PigmentError('adalora-rank', rise, { rank, targetRank })
    const wait = `AdaLoRA has no step left in which ranks fall: it waits ${tinit} steps before and ${tfinal} after, of ${steps}. Shorten these, or take more steps.`
    if (tinit + tfinal >= steps) throw new PigmentError('adalora-steps', wait, { steps, tinit, tfinal })
  },
  learnt: ({ weight }, _request, { rank }) => Object.values(shapesOf(weight, rank)),
  metadata: (chosen) => ({ 'pigment.adalora': JSON.stringify(chosen) }),

  open({ graph, request }, chosen) {
    const { rank, orthogonal, sensitivityShare: beta1, uncertaintyShare: beta2 } = chosen
    const { title = 'adapter', trigger, loraPlus = 1 } = request
    const layers: Layer[] = []
    // The rank that it begins with divides for ever, and a little is added to it, as in peft.
    const scale = request.alpha / (rank + 1e-5)
    return {
      parameters: (network) => ({
        adapt(layer, x) {
          const { path } = layer
          if (!network.targets.test(path)) return undefined
          const shapes = shapesOf(network.weights.get(`${path}.weight`)?.shape ?? [], rank)
          const a = graph.input(nameIn(network, inputNameA(path)), 'float32', shapes.a)
          const e = graph.input(nameIn(network, `lora.E/${path}`), 'float32', shapes.e)
          const b = graph.input(nameIn(network, inputNameB(path)), 'float32', shapes.b)
          layers.push({ network, path, parts: { a, e, b } })
          return layer.output(x, () => {
            const [inward, outward] = graph.outsideSegments(() => {
              const used = layer.asUsed(a)
              return [mul(used, mul(reshape(e, [rank, ...used.shape.slice(1).map(() => 1)]), scale)), layer.asUsed(b)] as const
            })
            return layer.mix(layer.through(x, inward), outward)
          })
        },
      }),
      trainedOf: () => layers.flatMap(valuesOf),
      ...(orthogonal > 0 ? { penalty: () => mul(orthogonality(graph, layers.map(({ parts }) => parts)), orthogonal) } : {}), // prettier-ignore
      plan() {
        const values = layers.flatMap(valuesOf)
        const names = values.map(({ name }) => name)
        const size = values.reduce((sum, value) => sum + elementCount(shapeOf(value)), 0)
        return {
          trainables: layers.flatMap(({ network, parts: { a, e, b } }) => [
            gaussian(network, a, 1),
            zeros(network, e),
            gaussian(network, b, loraPlus),
          ]),
          extra: { sensitivity: size, uncertainty: size, fallen: rank * layers.length },
          afterUpdate({ step, theta, gradient, extra }) {
            const {
              sensitivity,
              uncertainty,
              fallen: out,
            } = extra as Readonly<Record<'sensitivity' | 'uncertainty' | 'fallen', Float32Array>>
            const end = chosen.steps - chosen.tfinal
            const importance = { sensitivity, uncertainty }
            if (step < end) updateImportance(importance, { theta, gradient }, names, { beta1, beta2 })
            const { budget, chosen: now } = budgetAt(step, layers.length, chosen)
            const own = layers.map((layer) => tensorsOf(theta, layer))
            const falling = now ? fallen(tripletScores(importance, own), budget) : out
            // Until the last choice, one that has fallen goes on learning and may come back; after it, it is held down.
            if (step === end) out.set(falling)
            for (const [i, { e }] of own.entries()) e.data.forEach((_, k) => falling[i * rank + k] === 1 && (e.data[k] = 0))
          },
          told: ({ theta }) => ({ rank: layers.reduce((sum, { parts: { e } }) => sum + (theta[e.name]?.data.filter((x) => x !== 0).length ?? 0), 0) / layers.length }), // prettier-ignore
          result([only]) {
            const { theta, extra } = only as NonNullable<typeof only>
            const pairs = layers.map((layer, i) => {
              const parts = tensorsOf(theta, layer)
              // An average of weights still has a little of those that have fallen.
              const stays = (k: number): boolean => parts.e.data[k] !== 0 && !extra.fallen?.[i * rank + k]
              return { ...layer, pair: plainPair(parts, scale, stays) }
            })
            const ranks = Object.fromEntries(pairs.map(({ network, path, pair }) => [nameIn(network, path), pair?.alpha ?? 0]))
            const largest = String(Math.max(...Object.values(ranks)))
            return {
              name: title,
              modules: pairs.flatMap(({ network: { component }, path, pair }) => (pair ? loraModule({ component, path }, pair) : [])),
              metadata: {
                ...triggerMetadata(trigger),
                ss_network_dim: largest,
                ss_network_alpha: largest,
                'pigment.ranks': JSON.stringify(ranks),
              },
              skipped: [],
            }
          },
        }
      },
    }
  },
}

/** N(0, 0.02²). */
const gaussian = ({ rate, until }: TrainedNetwork, { name, shape }: Value, times: number): Trainable => {
  const known = shape as readonly number[]
  const start = ({ seed }: { readonly seed: number }) => randomStream(seed, name, 0).normal(elementCount(known)).map((x) => x * 0.02) // prettier-ignore
  return { name, shape: known, start, rate: rate * times, until }
}
const zeros = ({ rate, until }: TrainedNetwork, value: Value): Trainable => {
  const shape = shapeOf(value)
  return { name: value.name, shape, start: () => new Float32Array(elementCount(shape)), rate, until }
}
