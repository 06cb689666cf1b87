import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { stripMetadata } from '../../engine/adapters/metadata.ts'
import { withOwnWords, type OwnWords } from '../../engine/adapters/own-words.ts'
import { rankOf } from '../../engine/adapters/stack.ts'
import { coverAddress } from '../../engine/images/thumbnail.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { command, described } from '../api/command.ts'
import { readOnBase } from './adapter-bases.ts'
import { compareAdapters } from './compare-adapters.ts'
import { prepareFolder } from './output-file.ts'

const input = described(
  z.object({
    file: z.string().min(1),
    to: z.enum(['kohya', 'peft', 'diffusers']),
    out: z.string().min(1),
    model: z.string().min(1).optional(),
    precision: z.enum(['fp32', 'fp16', 'bf16']).optional(),
    strip: z.boolean().default(false),
    title: z.string().max(200).optional(),
    author: z.string().max(200).optional(),
    licence: z.string().max(200).optional(),
    cover: z.string().min(1).optional(),
  }),
  {
    file: ['FILE', 'adapter: a .safetensors file, or a PEFT or diffusers folder'],
    to: 'kohya for A1111, Forge and ComfyUI; peft for a folder with adapter_config.json; diffusers for pytorch_lora_weights.safetensors',
    out: ['PATH', 'file ending in .safetensors, or a folder (peft: always a folder)'],
    model: ['PATH', 'base model of the adapter (default: the embedded one or the published architecture that fits)'],
    precision: 'how the weights are stored (default: as they are)',
    strip: 'leave out all metadata that loading does not need',
    title: 'what the file calls itself',
    author: 'who made it',
    licence: 'under what others may use it',
    cover: ['FILE', 'picture that the file shows of itself'],
  },
)

/** How far ΔW may move by storing both factors in this precision. */
const tolerance = { fp32: 1e-6, fp16: 2e-3, bf16: 2e-2 } as const

export const exportAdapter = command({
  name: 'export',
  summary: 'Write an adapter in the format of another program, and prove it by reading it back.',
  input,
  positional: 'file',
  async run(context, { file, to, out, model, precision, strip, cover, ...said }) {
    const { adapter, base } = await readOnBase(file, model)
    const stored = precision ?? (await precisionOf(file))
    const metadata = await sayable(adapter.metadata, { strip, cover, ...said })
    await prepareFolder(resolve(/\.safetensors$/i.test(out) ? dirname(out) : out))
    const written = await writeAdapter(adapter, to, out, { modules: base.modules, precision: stored, metadata })

    const copy = await readAdapter(to === 'peft' ? out : (written[0] ?? out), base.modules)
    const { identical, maxDifference, maxRelativeL2, missing } = compareAdapters(adapter, copy)
    if (missing.length > 0 || !(maxRelativeL2 <= tolerance[stored]))
      throw new PigmentError(
        'export-mismatch',
        `"${out}" was written, but reading it back gives another adapter (${missing.length} layers missing, relative difference ${maxRelativeL2}). ` +
          'Use --precision fp32; if that does not help, do not use the file and report this.',
        { out, missing, maxDifference: String(maxDifference), maxRelativeL2: String(maxRelativeL2) },
      )
    for (const { key, reason } of adapter.skipped)
      context.emit({
        type: 'warning',
        code: 'tensor-left-out',
        message: `${key} is not in the new file: ${reason}`,
        facts: { key, reason },
      })
    return {
      out,
      format: to,
      base: base.title,
      files: written,
      sizeBytes: (await Promise.all(written.map(async (path) => (await stat(path)).size))).reduce((a, b) => a + b, 0),
      precision: stored,
      layers: adapter.modules.length,
      layersByNetwork: countBy(adapter.modules.map(({ component }) => component)),
      ranks: [...new Set(adapter.modules.map(rankOf))].sort((a, b) => a - b),
      leftOut: adapter.skipped.length,
      metadataKeys: Object.keys(metadata).length,
      readBack: { identical, maxDifference, maxRelativeL2 },
    }
  },
})

interface Saying extends OwnWords {
  readonly strip: boolean
  /** A picture's file. */
  readonly cover?: string | undefined
}

/** The metadata of an export: of the file's own as much as is wanted, and what its owner says. */
export async function sayable(
  metadata: Readonly<Record<string, string>>,
  { strip, cover, ...said }: Saying,
): Promise<Record<string, string>> {
  const thumbnail = cover === undefined ? undefined : await coverAddress(cover)
  return withOwnWords(strip ? stripMetadata(metadata) : metadata, { ...said, thumbnail })
}

export type StoredPrecision = 'fp32' | 'fp16' | 'bf16'

/** The precision a file is stored in; mixed ones count as fp32. */
export async function precisionOf(path: string): Promise<StoredPrecision> {
  const source = await stat(path).then(async (found) => (found.isFile() ? openSafetensors(path) : undefined))
  const types = new Set([...(source?.entries.values() ?? [])].filter(({ shape }) => shape.length > 0).map(({ dtype }) => dtype))
  if (types.size !== 1) return 'fp32'
  return types.has('F16') ? 'fp16' : types.has('BF16') ? 'bf16' : 'fp32'
}

export function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
