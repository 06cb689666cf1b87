// What an export of the made-up adapters would be, and what other programs make of it.
import type { ExportPreview } from '../../../main/api/methods/library.ts'
import { because } from '../../../engine/requests/reason.ts'
import type { PrivateKind } from '../../../engine/requests/export.ts'
import type { ReaderReport } from '../../../engine/requests/reader-report.ts'

const layers = 192
const noLayer = because('reader-no-layer', 'The program has no layer of this name.')
const limit = because('reader-forge-limit', '{count} keys match nothing, and Forge loads no file with more than {limit} of them.', {
  count: 576,
  limit: 12,
})

function readersOf(format: string): ReaderReport[] {
  const report = (reader: string, title: string, formats: readonly string[], more: Partial<ReaderReport> = {}): ReaderReport => {
    const meant = formats.includes(format)
    const lost =
      meant || more.looksOnly === true
        ? {}
        : { loaded: 0, dropped: [{ key: 'unet.conv_in.lora_A.weight', reason: noLayer }], droppedCount: 576 }
    return {
      ...{
        reader,
        title,
        meant,
        looksOnly: false,
        layers,
        loaded: layers,
        dropped: [],
        droppedCount: 0,
        difference: 2.1e-4,
        ofBase: 0,
        notes: [],
      },
      ...lost,
      ...more,
    }
  }
  const words = because('reader-words-untold', 'It says no words that call it: whoever publishes it has to write them.')
  return [
    report('a1111', 'A1111', ['kohya']),
    report('civitai', 'CivitAI', ['kohya', 'ldm', 'lycoris', 'diffusers'], { looksOnly: true, notes: [words] }),
    report('comfyui', 'ComfyUI', ['kohya', 'ldm', 'lycoris']),
    report('diffusers', 'diffusers', ['diffusers']),
    report('forge', 'Forge', ['kohya'], format === 'kohya' ? {} : { refused: limit }),
    report('lycoris', 'LyCORIS', ['lycoris']),
    report('peft', 'PEFT', ['peft']),
  ]
}

const tellingKeys: Readonly<Record<string, PrivateKind>> = {
  ss_output_name: 'names',
  ss_tag_frequency: 'captions',
  'modelspec.title': 'names',
  'modelspec.author': 'names',
  'modelspec.date': 'date',
}

interface Asked {
  readonly name: string
  readonly adapter: string
  readonly to?: string | undefined
  readonly strip?: boolean | undefined
  readonly title?: string | undefined
  readonly author?: string | undefined
  readonly leaveOut?: readonly string[] | undefined
  readonly asLora?: object | undefined
}

export function exportPreview(
  { name, adapter, to = 'kohya', strip, title, author, leaveOut = [], asLora }: Asked,
  metadata: readonly (readonly [key: string, value: string])[],
): ExportPreview {
  const fields = [
    ...(strip ? metadata.slice(0, 2) : metadata).filter(([key]) => !/author|title/.test(key)),
    ['modelspec.title', title ?? ''] as const,
    ['modelspec.author', author ?? ''] as const,
  ]
  const worst = { layer: 'unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k', rank: 32, error: 0.084 }
  return {
    folder: '/home/mei/pigment/exports',
    fileName: `${name}.safetensors`,
    bytes: 1_650_000,
    precision: 'fp16',
    metadata: fields
      .filter(([key]) => !leaveOut.includes(key))
      .map(([key, value]) => ({ key, value, ...(tellingKeys[key] ? { tells: tellingKeys[key] } : {}) })),
    removed: strip ? ['ss_output_name'] : [],
    leftOut: [],
    readers: readersOf(to),
    hashes: [{ name: `${adapter}.safetensors`, autoV2: '3f1a0c77d2', autoV3: '9b02e51c44aa', sshsAgrees: true }],
    ...(asLora ? { converted: { error: 0.031, worst: [worst], leastRank: 16, largestRank: 32, leftOut: [] } } : {}),
  }
}
