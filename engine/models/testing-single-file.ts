// Writes a tiny model as the original code would, for tests.
import { writeSafetensors } from '../files/safetensors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { familyCalled } from './family-called.ts'
import { unetPrefix, vaePrefix } from './family.ts'
import type { KeyTable } from './keys/key-table.ts'
import { ldmUnetTable } from './keys/ldm-unet.ts'
import { ldmVaeTable } from './keys/ldm-vae.ts'
import { openClipTable } from './keys/open-clip.ts'
import { tensorsOf, type TinyModel, type Weights } from './testing.ts'

/** Every tensor of the model's single file, with the leftovers that real files carry. */
export function singleFileTensors(model: TinyModel): Map<string, Tensor> {
  const { unet, vae } = model
  const family = familyCalled(model.family)
  const out = new Map<string, Tensor>([
    ['alphas_cumprod', { shape: [1], data: new Float32Array(1) }],
    ['model_ema.decay', { shape: [], data: new Float32Array(1) }],
  ])
  const put = (prefix: string, weights: Weights): void => weights.forEach((tensor, key) => out.set(prefix + key, tensor))
  put(unetPrefix, renamed(unet.weights, ldmUnetTable(unet.config)))
  const vaeTable = ldmVaeTable({ levels: vae.config.blockOutChannels.length, layersPerBlock: vae.config.layersPerBlock })
  // ldm keeps the VAE's attention as 1×1 convolutions.
  put(vaePrefix, asConvolutions(renamed(vae.weights, vaeTable), /\.mid\.attn_1\.(q|k|v|proj_out)\.weight$/))
  family.textEncoders.forEach((text, i) => {
    const { config, weights } = model.textEncoders[i] ?? { config: { layers: 0 }, weights: new Map() }
    put(text.prefix, text.names === 'hugging-face' ? weights : openClip(weights, config.layers, text.dropsLastLayer !== undefined))
  })
  return out
}

/** Writes the model as one file in the ldm/sgm layout. */
export async function writeSingleFile(path: string, model: TinyModel, metadata?: Readonly<Record<string, string>>): Promise<void> {
  await writeSafetensors(path, tensorsOf(singleFileTensors(model)), metadata)
}

function renamed(weights: Weights, table: KeyTable): Map<string, Tensor> {
  return new Map([...weights].map(([key, tensor]) => [table.toFile(key) ?? `unnamed.${key}`, tensor]))
}

function asConvolutions(weights: Weights, which: RegExp): Map<string, Tensor> {
  return new Map([...weights].map(([key, tensor]) => [key, which.test(key) ? { ...tensor, shape: [...tensor.shape, 1, 1] } : tensor]))
}

function openClip(weights: Weights, layers: number, oneMore: boolean): Map<string, Tensor> {
  const table = openClipTable(layers)
  const out = new Map<string, Tensor>([['logit_scale', { shape: [], data: new Float32Array(1) }]])
  const fused = new Map<string, Tensor[]>()
  for (const [key, tensor] of weights) {
    const [, n, kind] = /layers\.(\d+)\.self_attn\.[qkv]_proj\.(weight|bias)$/.exec(key) ?? []
    if (n !== undefined) {
      // Modules are listed q, k, v.
      const name = `transformer.resblocks.${n}.attn.in_proj_${kind}`
      fused.set(name, [...(fused.get(name) ?? []), tensor])
    } else if (key === 'text_projection.weight') out.set('text_projection', transposed(tensor))
    else out.set(table.toFile(key) ?? `unnamed.${key}`, tensor)
  }
  for (const [name, parts] of fused) out.set(name, stacked(parts))
  if (oneMore)
    for (const [key, tensor] of [...out]) {
      const last = `transformer.resblocks.${layers - 1}.`
      if (key.startsWith(last)) out.set(key.replace(last, `transformer.resblocks.${layers}.`), tensor)
    }
  return out
}

function stacked(parts: readonly Tensor[]): Tensor {
  const [rows = 0, ...rest] = parts[0]?.shape ?? []
  return { shape: [rows * parts.length, ...rest], data: Float32Array.from(parts.flatMap(({ data }) => [...data])) }
}

function transposed({ shape, data }: Tensor): Tensor {
  const [rows = 0, columns = 0] = shape
  return { shape: [columns, rows], data: Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0) }
}
