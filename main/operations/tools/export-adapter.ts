import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { writeCompared } from '../../../engine/adapter-formats/read.ts'
import { moduleRank } from '../../../engine/adapters/variants/variant.ts'
import type { AsLora, ExportFormat } from '../../../engine/requests/export.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { countBy } from '../count-by.ts'
import { exportedMetadata, type ExportWords } from '../exported-metadata.ts'
import { precisionOf, type StoredPrecision } from '../stored-precision.ts'
import { adapterToExport, conversionSentence } from '../adapter-to-export.ts'
import { checkedExport, filesOnDisk, readerLines, refuseLossy } from '../checked-export.ts'
import type { StepEvent, WarningEvent } from '../events.ts'
import { prepareFolder, refuseInput } from '../output-file.ts'

interface ExportTask extends ExportWords {
  readonly file: string
  readonly to: ExportFormat
  readonly out: string
  /** Its base model's checkpoint; else that of the known ones which fits. */
  readonly model?: string | undefined
  /** Made into a plain LoRA first. */
  readonly asLora?: AsLora | undefined
  /** Also says what other programs make of the file, and throws where one that it is for loses layers. */
  readonly check?: boolean | undefined
  /** As it is, unless given. */
  readonly precision?: StoredPrecision | undefined
}

type ExportEvent = WarningEvent | StepEvent | { readonly type: 'note'; readonly message: string }

const noPlace = 'This format has no place for the embedding of this word. Export it for A1111, Forge and ComfyUI to keep it.'

/** Writes an adapter in the format of another program, and says what reading it back gives. */
export async function exportAdapter(
  { file, to, out, model, asLora, check, precision, ...words }: ExportTask,
  { emit, signal }: OperationContext<ExportEvent>,
) {
  const { adapter, base, converted } = await adapterToExport({ file, model, asLora }, { emit, signal })
  if (converted) emit({ type: 'note', message: conversionSentence(converted) })
  const stored = precision ?? (await precisionOf(file))
  const metadata = await exportedMetadata(adapter.metadata, words)
  await prepareFolder(resolve(/\.safetensors$/i.test(out) ? dirname(out) : out))
  await refuseInput(out, [file])
  const {
    written,
    copy,
    difference: { identical, maxDifference, maxRelativeL2 },
  } = await writeCompared(adapter, to, out, { modules: base.modules, precision: stored, metadata })
  const kept = new Set(copy.embeddings?.flatMap(({ names }) => names))
  const lost = (adapter.embeddings ?? []).flatMap(({ names: [name = ''] }) => (kept.has(name) ? [] : [{ key: name, reason: noPlace }]))
  for (const { key, reason } of [...adapter.skipped, ...lost])
    emit({
      type: 'warning',
      code: 'tensor-left-out',
      message: `${key} is not in the new file: ${reason}`,
      facts: { key, reason },
    })
  const checked = check ? await checkedExport(await filesOnDisk(written, out), adapter, base, to) : undefined
  if (checked) refuseLossy(out, checked.readers)
  return {
    out,
    format: to,
    base: base.title,
    files: written,
    sizeBytes: (await Promise.all(written.map(async (path) => (await stat(path)).size))).reduce((a, b) => a + b, 0),
    precision: stored,
    layers: adapter.modules.length,
    layersByNetwork: countBy(adapter.modules.map(({ component }) => component)),
    ranks: [...new Set(adapter.modules.flatMap((module) => moduleRank(module) ?? []))].sort((a, b) => a - b),
    leftOut: adapter.skipped.length,
    ...(converted ? { converted } : {}),
    metadataKeys: Object.keys(metadata).length,
    ...(checked ? { readers: readerLines(checked.readers), hashes: checked.hashes } : {}),
    readBack: { identical, maxDifference, maxRelativeL2 },
  }
}
