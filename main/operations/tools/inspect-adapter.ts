import { stat } from 'node:fs/promises'
import { openAdapter } from '../../../engine/adapter-formats/read.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { kindWords } from '../inspect/subject.ts'
import { inspect } from './inspect.ts'

export interface AdapterFacts {
  readonly format: string
  readonly family: string
  readonly base: string
  readonly layers: number
  readonly layersByNetwork: Readonly<Record<string, number>>
  readonly ranks: readonly number[]
  readonly triggers: readonly string[]
  readonly title: string
  readonly metadata: readonly (readonly [string, string])[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
}

const longestTitle = 120

/** An adapter as the library has it. Throws `adapter-unknown-format` for anything else. */
export async function inspectAdapter({ path }: { path: string }, context: Pick<OperationContext, 'signal'>): Promise<AdapterFacts> {
  // A folder without an adapter is not looked at as one of pictures.
  if ((await stat(path).catch(() => undefined))?.isDirectory()) await openAdapter(path)
  const found = await inspect({ file: path }, context)
  if (found.kind !== 'adapter')
    throw new PigmentError('adapter-unknown-format', `"${path}" is ${kindWords[found.kind]}, not an adapter. Choose a LoRA file.`, {
      path,
      kind: found.kind,
    })
  const { format = '', family, fits: base, layers, layersByNetwork = {}, ranks, triggers, metadata, leftOutReasons = [] } = found
  return {
    format,
    family,
    base,
    layers,
    layersByNetwork,
    ranks,
    triggers,
    title: (metadata['modelspec.title'] ?? metadata.ss_output_name ?? '').slice(0, longestTitle),
    metadata: Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    leftOut: leftOutReasons.map((reason) => ({ key: '', reason })),
  }
}
