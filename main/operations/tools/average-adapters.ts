import { stat } from 'node:fs/promises'
import { powerWeights, powerWeightsAt } from '../../../engine/merging/post-hoc-ema.ts'
import { openSafetensors, type SafetensorsFile, type TensorToWrite } from '../../../engine/files/safetensors.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { adapterName } from '../adapter-files.ts'
import { prepareOutput } from '../output-file.ts'
import { stepsAt, stepsOfRun } from '../steps-of-run.ts'
import { precisionOf, type StoredPrecision } from '../stored-precision.ts'
import { finiteTensor, isWeight, sameBytes, storedIn, writeTensors } from '../tensor-files.ts'

interface AverageTask {
  /** Checkpoints of one run, in their order; or the run itself, by its adapter or its folder. */
  readonly files: readonly string[]
  /** Relative width of an exponential mean; without it all count alike. */
  readonly width?: number | undefined
  readonly out: string
  readonly precision?: StoredPrecision | undefined
}

/**
 * The mean of each tensor over the checkpoints of one run: these share a basis, so that their factors may be averaged, which those of two runs may not
 * (merge these). Throws `average-differs`, `steps-too-few`, `tensor-not-finite`.
 */
export async function averageAdapters({ files: named, width, out, precision }: AverageTask, { signal }: Pick<OperationContext, 'signal'>) {
  const [run = ''] = named
  const files = named.length === 1 ? await stepsOfRun(run) : named
  const target = await prepareOutput(out, '.safetensors', files)
  const sources = await Promise.all(files.map((file) => openSafetensors(file)))
  const [first, last] = [sources[0] as SafetensorsFile, sources.at(-1) as SafetensorsFile]
  for (const source of sources) refuseOther(first, source)
  const steps = await stepsAt(files)
  const weights =
    width === undefined ? files.map(() => 1 / files.length) : steps ? powerWeightsAt(steps, width) : powerWeights(files.length, width)
  const stored = precision ?? (await precisionOf(first.path))
  const tensors: TensorToWrite[] = []
  const apart = files.map(() => 0)
  let norm = 0
  for (const name of first.entries.keys()) {
    signal.throwIfAborted()
    if (!isWeight(first, name)) {
      tensors.push(await onlyIfSame(sources, name))
      continue
    }
    const all = await Promise.all(sources.map((source) => finiteTensor(source, name)))
    const mean = new Float32Array(all[0]?.data.length ?? 0)
    for (const [k, { data }] of all.entries())
      for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (weights[k] as number) * (data[i] as number)
    for (let i = 0; i < mean.length; i++) norm += (mean[i] as number) ** 2
    for (const [k, { data }] of all.entries())
      for (let i = 0; i < mean.length; i++) apart[k] = (apart[k] as number) + ((data[i] as number) - (mean[i] as number)) ** 2
    tensors.push(storedIn(name, { shape: all[0]?.shape ?? [], data: mean }, stored))
  }
  const made = {
    files: files.map((file, k) => ({ name: adapterName(file), weight: weights[k] })),
    ...(width === undefined ? {} : { width }),
  }
  await writeTensors(target, tensors, { ...Object.fromEntries(last.metadata), 'pigment.average': JSON.stringify(made) })
  return {
    out: target,
    precision: stored,
    tensors: tensors.length,
    sizeBytes: (await stat(target)).size,
    // How far each lies from the mean: checkpoints of one run lie close to it and to each other.
    from: made.files.map((one, k) => ({ ...one, distance: norm > 0 ? Math.sqrt((apart[k] as number) / norm) : 0 })),
  }
}

function refuseOther(first: SafetensorsFile, { path, entries }: SafetensorsFile): void {
  const odd = [...first.entries.values(), ...entries.values()].find(
    ({ name }) => first.entries.get(name)?.shape.join() !== entries.get(name)?.shape.join(),
  )
  if (!odd) return
  throw differs(first.path, path, odd.name, 'stands there in another shape, or not at all')
}

async function onlyIfSame(sources: readonly SafetensorsFile[], name: string): Promise<TensorToWrite> {
  const all = await Promise.all(sources.map((source) => sameBytes(source, name)))
  const [first] = all as [TensorToWrite, ...TensorToWrite[]]
  const other = all.findIndex(({ data }) => Buffer.compare(data, first.data) !== 0)
  if (other < 0) return first
  throw differs(sources[0]?.path ?? '', sources[other]?.path ?? '', name, 'has another value there')
}

const differs = (first: string, other: string, name: string, how: string): PigmentError =>
  new PigmentError(
    'average-differs',
    `"${adapterName(other)}" is no checkpoint of the run of "${adapterName(first)}": its tensor "${name}" ${how}. Name checkpoints of one run, or merge the two.`,
    { first: adapterName(first), other: adapterName(other), tensor: name },
  )
