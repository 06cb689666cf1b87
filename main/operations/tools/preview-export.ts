// What an export would write, without writing it: the bytes are made and their header is read back.
import { basename } from 'node:path'
import { adapterFormats } from '../../../engine/adapter-formats/read.ts'
import { tells } from '../../../engine/adapters/private-fields.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { AsLora, ExportConversion, ExportFormat, ToldField } from '../../../engine/requests/export.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { adapterToExport } from '../adapter-to-export.ts'
import { checkedExport, type CheckedExport } from '../checked-export.ts'
import type { StepEvent } from '../events.ts'
import { exportedMetadata, type ExportWords } from '../exported-metadata.ts'
import { precisionOf, type StoredPrecision } from '../stored-precision.ts'
import { writtenFiles } from '../written-files.ts'

interface ExportRequest extends ExportWords {
  readonly file: string
  readonly model?: string | undefined
  readonly to: ExportFormat
  readonly asLora?: AsLora | undefined
  readonly precision?: StoredPrecision | undefined
}

interface ExportFacts extends CheckedExport {
  readonly fileName: string
  readonly bytes: number
  readonly precision: StoredPrecision
  readonly metadata: readonly ToldField[]
  readonly removed: readonly string[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
  readonly converted?: ExportConversion
}

export async function previewExport(
  { file, model, to, asLora, precision, ...saying }: ExportRequest,
  context: OperationContext<StepEvent>,
): Promise<ExportFacts> {
  const { adapter, base, converted } = await adapterToExport({ file, model, asLora }, context)
  const stored = precision ?? (await precisionOf(file))
  const metadata = await exportedMetadata(adapter.metadata, saying)
  const format = adapterFormats.find(({ name }) => name === to)
  if (!format) throw new PigmentError('adapter-format-unknown', `There is no adapter format "${to}".`, { format: to })
  const files = format.write(adapter, { modules: base.modules, precision: stored, metadata })
  const written = new Map(writtenFiles(files).read.flatMap((one) => [...one.metadata]))
  const [first] = files
  return {
    fileName: format.container === 'folder' ? adapter.name : basename(first?.name ?? `${adapter.name}.safetensors`),
    bytes: files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    precision: stored,
    metadata: [...written].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => field(key, value)),
    removed: Object.keys(adapter.metadata).filter((key) => !written.has(key)),
    leftOut: adapter.skipped,
    ...(await checkedExport(files, adapter, base, to)),
    ...(converted ? { converted } : {}),
  }
}

function field(key: string, value: string): ToldField {
  const kind = tells(key, value)
  return { key, ...(kind ? { tells: kind } : {}), value }
}
