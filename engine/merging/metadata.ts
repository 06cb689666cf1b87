// What a merged adapter says of itself: how it was made, of which files and with which strengths; names and hashes, and no place on a disk.
import type { Adapter } from '../adapters/adapter.ts'
import { triggersOf } from '../adapters/triggers.ts'
import type { Family } from '../checkpoint/config.ts'
import { familyCalled } from '../models/family-called.ts'
import type { MergeReport, MergeRequest } from '../requests/merge.ts'

export interface MergedFrom {
  readonly adapter: Adapter
  /** A1111's short hash of its file. */
  readonly hash: string
  readonly weight: number
  readonly textWeight?: number | undefined
}

interface MadeFrom {
  readonly title: string
  readonly family: Family
  readonly from: readonly MergedFrom[]
  readonly request: Pick<MergeRequest, 'method' | 'rank' | 'energy' | 'seed'> & { readonly options: Readonly<Record<string, unknown>> }
  readonly report: Pick<MergeReport, 'leastRank' | 'largestRank' | 'error' | 'energy'>
}

/** What all of them say alike. */
function common(from: readonly MergedFrom[], key: string): string | undefined {
  const said = new Set(from.map(({ adapter }) => adapter.metadata[key]))
  return said.size === 1 ? [...said][0] : undefined
}

/** Of the tensors alone are the hashes, which the writer adds. The same request gives the same text. */
export function mergeMetadata({ title, family, from, request, report }: MadeFrom): Record<string, string> {
  const predicted = from.some(({ adapter }) => adapter.metadata['modelspec.prediction_type'] === 'v') ? 'v_prediction' : 'epsilon'
  const base = familyCalled(family).metadata(predicted)
  const { leastRank, largestRank } = report
  const rank = leastRank === largestRank ? String(largestRank) : 'Dynamic'
  const words = [...new Set(from.flatMap(({ adapter }) => triggersOf(adapter.metadata)))]
  const recipe = {
    ...request,
    sources: from.map(({ adapter, hash, weight, textWeight }) => ({
      name: adapter.name,
      hash,
      weight,
      ...(textWeight === undefined ? {} : { textWeight }),
    })),
    error: report.error,
    energy: report.energy,
  }
  const fields: Record<string, string | undefined> = {
    ss_v2: base.ss_v2 ? 'True' : 'False',
    ss_base_model_version: base.ss_base_model_version,
    ss_network_module: 'networks.lora',
    ss_network_dim: rank,
    ss_network_alpha: rank,
    ss_output_name: title,
    'modelspec.sai_model_spec': '1.0.1',
    'modelspec.architecture': `${base.architecture}/lora`,
    'modelspec.implementation': base.implementation,
    'modelspec.title': title,
    'modelspec.merged_from': from.map(({ adapter }) => adapter.name).join(', '),
    'modelspec.resolution': common(from, 'modelspec.resolution'),
    'modelspec.author': common(from, 'modelspec.author'),
    'modelspec.license': common(from, 'modelspec.license'),
    'modelspec.trigger_phrase': words.length > 0 ? words.join(', ') : undefined,
    'modelspec.prediction_type': predicted === 'v_prediction' ? 'v' : 'epsilon',
    'pigment.merge': JSON.stringify(recipe),
    'pigment.trigger_words': words.length > 0 ? JSON.stringify(words) : undefined,
  }
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined))
}
