import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { Reason } from '../../../engine/requests/reason.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { kindWords } from '../inspect/subject.ts'
import { inspect } from './inspect.ts'

export interface ModelFacts {
  readonly name: string
  readonly family: string
  /** Of the text that its cross-attention hears. */
  readonly width: number
  readonly layout: string
  readonly prediction: string
  readonly bytes: number
  readonly parameters: number
  readonly unetParameters: number
  readonly side: number
  /** Sides of its pictures are multiples of this. */
  readonly step: number
  /** What strengths of adapters can be told apart by. */
  readonly blocks: readonly string[]
  readonly evidence: readonly Reason[]
}

/** Reads headers only. Throws the engine's reason for refusing. */
export async function inspectModel({ path }: { path: string }, context: Pick<OperationContext, 'signal'>): Promise<ModelFacts> {
  const found = await inspect({ file: path }, context).catch(async (error: unknown) => {
    // A folder that is nothing known: what is missing for a model says more than what is missing for each kind of thing.
    if (error instanceof PigmentError && error.code === 'file-unknown') await openCheckpoint(path)
    throw error
  })
  if (found.kind !== 'checkpoint')
    throw new PigmentError('checkpoint-unknown', `"${path}" is ${kindWords[found.kind]}, not a model. Choose a checkpoint.`, {
      path,
      kind: found.kind,
    })
  const {
    name,
    family,
    crossAttentionDim: width,
    layout,
    prediction,
    storedBytes: bytes,
    parameters,
    networks,
    usualSide: side,
    sideStep: step,
    blocks,
    evidence,
  } = found
  const unet = networks.find(({ network }) => network === 'unet')
  return { name, family, width, layout, prediction, bytes, parameters, unetParameters: unet?.parameters ?? 0, side, step, blocks, evidence }
}
