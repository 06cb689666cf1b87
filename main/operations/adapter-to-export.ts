// The adapter that an export writes: as it is, or made into a plain LoRA for programs that know no other.
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { asLora } from '../../engine/merging/as-lora.ts'
import { convertedMetadata } from '../../engine/merging/converted-metadata.ts'
import type { AsLora, ExportConversion } from '../../engine/requests/export.ts'
import { readOnBase, type BaseModel } from './adapter-bases.ts'
import type { StepEvent } from './events.ts'
import { weightsOf } from './read-together.ts'
import { tellingSteps } from './telling-steps.ts'

export interface AdapterToExport {
  readonly adapter: Adapter
  readonly base: BaseModel
  readonly converted?: ExportConversion
}

interface Asked {
  readonly file: string
  readonly model?: string | undefined
  readonly asLora?: AsLora | undefined
}

const shown = 8

/** Throws what `asLora` of the engine throws, and what reading does. */
export async function adapterToExport(
  { file, model, asLora: wanted }: Asked,
  { emit, signal }: { readonly emit: (event: StepEvent) => void; readonly signal: AbortSignal },
): Promise<AdapterToExport> {
  const { adapter, base } = await readOnBase(file, model)
  if (!wanted) return { adapter, base }
  const made = await tellingSteps(asLora(adapter, { ...wanted, base: await weightsOf(base), signal }), emit)
  const { report } = made
  return {
    adapter: { ...made.adapter, metadata: convertedMetadata(adapter, report, wanted) },
    base,
    converted: {
      error: report.error,
      worst: report.byLayer
        .toSorted((a, b) => b.error - a.error)
        .slice(0, shown)
        .map(({ layer, rank, error }) => ({ layer, rank, error })),
      leastRank: report.leastRank,
      largestRank: report.largestRank,
      leftOut: report.leftOut,
    },
  }
}

/** For a terminal, before anything is written. */
export function conversionSentence({ error, worst: [worst], leastRank, largestRank, leftOut }: ExportConversion): string {
  const ranks = leastRank === largestRank ? `rank ${largestRank}` : `ranks ${leastRank} to ${largestRank}`
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`
  const farthest = worst && worst.error > 1e-6 ? ` (${percent(worst.error)} in ${worst.layer})` : ''
  const left = leftOut.length > 0 ? ` ${leftOut.length} layers are left out: ${leftOut[0]?.reason}` : ''
  return `As a plain LoRA of ${ranks} it differs by ${percent(error)}${farthest} from what it was.${left}`
}
