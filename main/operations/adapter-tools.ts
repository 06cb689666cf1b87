import { stat } from 'node:fs/promises'
import { openAdapter } from '../../engine/adapter-formats/read.ts'
import { exportAdapter } from './export-adapter.ts'
import { inspect } from './inspect.ts'
import { kindWords } from './inspect/subject.ts'
import { previewExport, type ExportFacts, type ExportRequest } from './preview-export.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { AdapterFacts } from './calls.ts'
import type { CallContext } from '../processes/serve-calls.ts'

const longestTitle = 120

export const adapterTools = {
  async inspectAdapter({ path }: { path: string }, { signal }: CallContext): Promise<AdapterFacts> {
    // A folder without an adapter is not looked at as one of pictures.
    if ((await stat(path).catch(() => undefined))?.isDirectory()) await openAdapter(path)
    const found = (await inspect.run(silent, { file: path }, signal)) as Record<string, unknown>
    if (found.kind !== 'adapter')
      throw new PigmentError('adapter-unknown-format', `"${path}" is ${kindWords(found.kind)}, not an adapter. Choose a LoRA file.`, {
        path,
        kind: String(found.kind),
      })
    const metadata = (found.metadata ?? {}) as Record<string, string>
    const reasons = (found.leftOutReasons ?? []) as string[]
    return {
      format: textOf(found.format, ''),
      family: textOf(found.family, 'unknown'),
      base: textOf(found.fits, ''),
      layers: Number(found.layers ?? 0),
      layersByNetwork: (found.layersByNetwork ?? {}) as Record<string, number>,
      ranks: (found.ranks ?? []) as number[],
      triggers: (found.triggers ?? []) as string[],
      title: (metadata['modelspec.title'] ?? metadata.ss_output_name ?? '').slice(0, longestTitle),
      metadata: Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
      leftOut: reasons.map((reason) => ({ key: '', reason })),
    }
  },

  previewExport: (request: ExportRequest): Promise<ExportFacts> => previewExport(request),

  exportAdapter: (input: Parameters<typeof exportAdapter.run>[1], { signal, emit }: CallContext) =>
    exportAdapter.run({ ...silent, emit }, input, signal),
}

const silent = { device: 'cpu' as const, emit: () => undefined }

const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)
