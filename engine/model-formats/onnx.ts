// The UNet of a checkpoint under a stack as an ONNX model that stands alone: its inputs and output have the names that diffusers' pipelines and
// optimum's export give them. Weights lie beside it as external data, or in it where they are small. Reference: optimum exporters/onnx/model_configs.py,
// UNetOnnxConfig.
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Checkpoint, TensorSource } from '../checkpoint/config.ts'
import { storedAs, type Precision } from '../adapter-formats/format.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { openSafetensors, writeSafetensors } from '../files/safetensors.ts'
import type { StreamedTensorToWrite } from '../files/safetensors-write.ts'
import { Graph } from '../graph/graph.ts'
import { expandTo, reshapeTo, shapeOf } from '../graph/math.ts'
import { familyCalled } from '../models/family-called.ts'
import { buildUNet } from '../models/unet.ts'
import { Parameters } from '../nn/parameters.ts'
import '../ops/index.ts'
import { writeOnnx } from '../onnx/write.ts'
import { bytesPerElement } from '../tensor/dtype.ts'
import { elementCount } from '../tensor/tensor.ts'
import { readWeightBytes } from '../weights/read-weight.ts'
import { mergeRecord } from './merge-record.ts'
import { convertedPieces, copiedPieces, mergedPieces, type ChangedWeight } from './merged-weight.ts'
import type { ModelFormat } from './model-format.ts'
import { changesOf, prepared, Progress } from './writing.ts'

/** A model with more is written beside its weights: as one file none may have 2 GB, and whoever opens it would have it in memory twice. */
const mostInside = 256 * 2 ** 20

export const onnx: ModelFormat = {
  name: 'onnx',
  use: 'the UNet as an ONNX model, with inputs as diffusers and optimum name them',
  ending: () => '.onnx',

  async write(base, stack, out, options = {}) {
    const changes = new Map(changesOf(base, stack, { unetAlone: true }).map((change) => [change.source, change]))
    const tensors = [...base.unet.weights].map(([key, source]) => tensorOf(key, source, changes.get(source), options.precision))
    const bytes = tensors.reduce((sum, { shape, as }) => sum + elementCount(shape) * bytesPerElement[as], 0)
    const target = await prepared(base, out, bytes)
    const data = `${target}_data`
    try {
      await writeSafetensors(data, new Progress(options, bytes).of(tensors))
      const weights = await weightsIn(data, base)
      const inside = bytes <= (options.mostInside ?? mostInside)
      const place = (source: TensorSource): string | Uint8Array => (inside ? readWeightBytes(source) : basename(data))
      await writeFileAtomic(target, writeOnnx(standardGraph(base, weights), place, { metadata: mergeRecord(base, stack) }))
      if (inside) await rm(data)
      return { files: inside ? [target] : [target, data], bytes, changed: changes.size }
    } catch (error) {
      await rm(data, { force: true }).catch(() => undefined)
      throw error
    }
  },
}

interface TypedTensor extends StreamedTensorToWrite {
  readonly as: (typeof storedAs)[Precision]['dtype']
}

function tensorOf(name: string, source: TensorSource, change: ChangedWeight | undefined, precision: Precision | undefined): TypedTensor {
  const own = Object.values(storedAs).find(({ dtype }) => dtype === source.dtype) ?? storedAs.fp32
  const { raw, dtype: as } = precision === undefined ? own : storedAs[precision]
  const unchanged = () => (as === source.dtype ? copiedPieces(source) : convertedPieces(source, as, name))
  return { name, dtype: raw, shape: source.shape, as, pieces: () => (change ? mergedPieces(change, as, name) : unchanged()) }
}

/** The same weights where they are written: a file of safetensors, which external data may be as well as any other. */
async function weightsIn(path: string, { unet }: Checkpoint): Promise<Map<string, TensorSource>> {
  const { entries } = await openSafetensors(path)
  return new Map(
    [...unet.weights].map(([key, source]) => {
      const { offset = 0, length = 0, dtype = '' } = entries.get(key) ?? {}
      const { dtype: type } = Object.values(storedAs).find(({ raw }) => raw === dtype) ?? storedAs.fp32
      return [key, { ...source, file: path, offset, length, dtype: type }]
    }),
  )
}

/** sample (N, C, H, W), timestep (1) or (N), encoder_hidden_states (N, T, D) and what the family hears beside; out_sample (N, C, H, W). */
function standardGraph({ family, unet: { config } }: Checkpoint, weights: ReadonlyMap<string, TensorSource>): Graph {
  const graph = new Graph('unet')
  const sample = graph.input('sample', 'float32', ['N', config.inChannels, 'H', 'W'])
  const timestep = graph.input('timestep', 'float32', ['steps'])
  const names = { context: 'encoder_hidden_states', pooled: 'text_embeds', time_ids: 'time_ids' }
  const heard = familyCalled(family).denoiser.open(graph, config, names)
  // Pipelines give one timestep for all rows.
  const rows = shapeOf(sample, 0, 1)
  const inputs = { sample, timestep: reshapeTo(expandTo(timestep, rows), rows), ...heard }
  // Without the runtime's own operators: whatever reads ONNX reads it.
  graph.output('out_sample', buildUNet(new Parameters(graph, weights), config, inputs))
  return graph
}
