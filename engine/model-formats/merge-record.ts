// What a merged model says of its merging: ModelSpec's words, and what was added how strongly.
import { basename } from 'node:path'
import { acts, type StackEntry } from '../adapters/stack.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import { usualSide } from '../models/picture-sizes.ts'

type Metadata = Record<string, string>

/** `merged_from` as ModelSpec has it, and the same for programs. Names alone: paths hold those of people. */
export function mergeRecord({ path, name }: Pick<Checkpoint, 'path' | 'name'>, stack: readonly StackEntry[]): Metadata {
  const adapters = stack.filter(acts).map(({ adapter, weight, textWeight = weight, blocks }) => ({
    name: adapter.name,
    unet: weight,
    text_encoder: textWeight,
    ...(blocks ? { blocks } : {}),
    ...(adapter.metadata.sshs_model_hash ? { sshs_model_hash: adapter.metadata.sshs_model_hash } : {}),
  }))
  return {
    'modelspec.merged_from': [name, ...adapters.map((one) => `${one.name} (${one.unet})`)].join(', '),
    'pigment.merged': JSON.stringify({ base: basename(path), adapters }),
  }
}

/** What a merged single file says: the base's own words as far as they are still true, and what ModelSpec requires. */
export function checkpointMetadata(
  checkpoint: Checkpoint,
  own: ReadonlyMap<string, string>,
  stack: readonly StackEntry[],
  title: string,
): Metadata {
  const { architecture } = familyCalled(checkpoint.family).metadata(checkpoint.schedule.prediction)
  const side = usualSide(checkpoint)
  const kept = [...own].filter(([key]) => !/^(modelspec\.(hash_sha256|title|date|thumbnail)|sshs_\w+)$/.test(key))
  return {
    'modelspec.sai_model_spec': '1.0.1',
    'modelspec.architecture': architecture,
    // Whose names the tensors of a single file have.
    'modelspec.implementation': 'https://github.com/Stability-AI/generative-models',
    'modelspec.resolution': `${side}x${side}`,
    'modelspec.prediction_type': checkpoint.schedule.prediction === 'v_prediction' ? 'v' : 'epsilon',
    ...Object.fromEntries(kept),
    'modelspec.title': title,
    ...mergeRecord(checkpoint, stack),
  }
}
