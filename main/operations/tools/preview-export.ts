// What an export would write, without writing it: the bytes are made and their header is read back.
import { basename } from 'node:path'
import { adapterFormats } from '../../../engine/adapter-formats/read.ts'
import { parseHeader, readHeaderLength } from '../../../engine/files/safetensors-header.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { AsLora, ExportFormat } from '../../../engine/requests/export.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { adapterToExport, type Conversion } from '../adapter-to-export.ts'
import type { StepEvent } from '../events.ts'
import { exportedMetadata, type ExportWords } from '../exported-metadata.ts'
import { precisionOf, type StoredPrecision } from '../stored-precision.ts'

interface ExportRequest extends ExportWords {
  readonly file: string
  readonly to: ExportFormat
  readonly asLora?: AsLora | undefined
  readonly precision?: StoredPrecision | undefined
}

interface ExportFacts {
  readonly fileName: string
  readonly bytes: number
  readonly precision: StoredPrecision
  readonly metadata: readonly (readonly [key: string, value: string])[]
  readonly removed: readonly string[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
  readonly converted?: Conversion
}

export async function previewExport(
  { file, to, asLora, precision, ...saying }: ExportRequest,
  context: OperationContext<StepEvent>,
): Promise<ExportFacts> {
  const { adapter, base, converted } = await adapterToExport({ file, asLora }, context)
  const stored = precision ?? (await precisionOf(file))
  const metadata = await exportedMetadata(adapter.metadata, saying)
  const format = adapterFormats.find(({ name }) => name === to)
  if (!format) throw new PigmentError('adapter-format-unknown', `There is no adapter format "${to}".`, { format: to })
  const files = format.write(adapter, { modules: base.modules, precision: stored, metadata })
  const written = new Map<string, string>()
  for (const { name, bytes } of files) {
    if (!name.endsWith('.safetensors')) continue
    const length = readHeaderLength(name, bytes.subarray(0, 16), bytes.byteLength)
    const header = parseHeader(name, bytes.subarray(8, 8 + length), bytes.byteLength)
    for (const [key, value] of header.metadata) written.set(key, value)
  }
  const [first] = files
  return {
    fileName: format.container === 'folder' ? adapter.name : basename(first?.name ?? `${adapter.name}.safetensors`),
    bytes: files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    precision: stored,
    metadata: [...written].sort(([a], [b]) => (a < b ? -1 : 1)),
    removed: Object.keys(adapter.metadata).filter((key) => !written.has(key)),
    leftOut: adapter.skipped,
    ...(converted ? { converted } : {}),
  }
}
