// A1111: a key is taken apart at its first dot, diffusers' names are counted over to ldm's, and a layer with tensors of no kind that it knows stops the
// whole file. Source: extensions-builtin/Lora/networks.py, network_*.py.
import { because } from '../requests/reason.ts'
import { familyCalled } from '../models/family-called.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import { readByNames, type SplitKey } from './by-names.ts'
import { callable } from './prompt-names.ts'
import type { Algorithm } from './parts.ts'
import type { AdapterReader, ReaderBase } from './reader.ts'

const knows: ReadonlySet<Algorithm> = new Set(['lora', 'dora', 'loha', 'lokr', 'glora', 'ia3', 'diff', 'norm', 'bias'])
const flat = (path: string): string => path.replaceAll('.', '_')

/** Its modules by the names that it gives them. */
function modules({ family, layout, shapes }: ReaderBase): Map<string, string> {
  const { textEncoders } = familyCalled(family)
  const names = new Map<string, string>()
  for (const layer of shapes.keys()) {
    const dot = layer.indexOf('.')
    const [network, path] = [layer.slice(0, dot), layer.slice(dot + 1)]
    if (network === 'unet') names.set(`diffusion_model_${flat(ldmPath(path, layout))}`, layer)
    const index = textEncoders.findIndex(({ folder }) => folder === network)
    const encoder = textEncoders[index]
    if (!encoder) continue
    // SDXL's encoders are counted.
    const before = textEncoders.length > 1 ? `${index}_` : ''
    names.set(before + (encoder.names === 'hugging-face' ? `transformer_${flat(path)}` : `model_${inOpenClip(flat(path))}`), layer)
  }
  return names
}

const inOpenClip = (path: string): string =>
  path
    .replace(/^text_model_encoder_layers_(\d+)_/, 'transformer_resblocks_$1_')
    .replace('_self_attn_', '_attn_')
    .replace('_mlp_fc1', '_mlp_c_fc')
    .replace('_mlp_fc2', '_mlp_c_proj')
    .replace(/_layer_norm(\d)$/, '_ln_$1')

const resnetParts: Readonly<Record<string, string>> = {
  conv1: 'in_layers_2',
  conv2: 'out_layers_3',
  norm1: 'in_layers_0',
  norm2: 'out_layers_0',
  time_emb_proj: 'emb_layers_1',
  conv_shortcut: 'skip_connection',
}

/** Its name of a module by a file's: A1111 counts three layers a level, and here as many as the model has. */
function converted(name: string, { layout: { layersPerBlock, transformerLayers }, family }: ReaderBase): string {
  const each = layersPerBlock + 1
  const ofText = familyCalled(family).textEncoders[0]?.names === 'open-clip'
  const inside = (kind: string | undefined, rest = ''): string => (kind === 'resnets' ? (resnetParts[rest] ?? rest) : rest)
  const slot = (kind: string | undefined): number => (kind === 'attentions' ? 1 : 0)
  const rules: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
    [/^lora_unet_conv_in$/, () => 'diffusion_model_input_blocks_0_0'],
    [/^lora_unet_conv_out$/, () => 'diffusion_model_out_2'],
    [/^lora_unet_time_embedding_linear_(\d+)$/, (n) => `diffusion_model_time_embed_${Number(n) * 2 - 2}`],
    [
      /^lora_unet_down_blocks_(\d+)_(attentions|resnets)_(\d+)_(.+)$/,
      (i, kind, j, rest) => `diffusion_model_input_blocks_${1 + Number(i) * each + Number(j)}_${slot(kind)}_${inside(kind, rest)}`,
    ],
    [
      /^lora_unet_mid_block_(attentions|resnets)_(\d+)_(.+)$/,
      (kind, j, rest) => `diffusion_model_middle_block_${kind === 'attentions' ? 1 : Number(j) * 2}_${inside(kind, rest)}`,
    ],
    [
      /^lora_unet_up_blocks_(\d+)_(attentions|resnets)_(\d+)_(.+)$/,
      (i, kind, j, rest) => `diffusion_model_output_blocks_${Number(i) * each + Number(j)}_${slot(kind)}_${inside(kind, rest)}`,
    ],
    [/^lora_unet_down_blocks_(\d+)_downsamplers_0_conv$/, (i) => `diffusion_model_input_blocks_${each + Number(i) * each}_0_op`],
    [
      /^lora_unet_up_blocks_(\d+)_upsamplers_0_conv$/,
      (i) =>
        `diffusion_model_output_blocks_${each - 1 + Number(i) * each}_${(transformerLayers.toReversed()[Number(i)] ?? 0) > 0 ? 2 : 1}_conv`,
    ],
    [/^lora_te2_(text_model_encoder_layers_\d+_.+)$/, (rest) => `1_model_${inOpenClip(rest ?? '')}`],
    [/^lora_te_(text_model_encoder_layers_\d+_.+)$/, (rest) => (ofText ? `model_${inOpenClip(rest ?? '')}` : `transformer_${rest}`)],
  ]
  for (const [pattern, make] of rules) {
    const found = pattern.exec(name)
    if (found) return make(...found.slice(1))
  }
  return name
}

export const a1111: AdapterReader = {
  name: 'a1111',
  title: 'A1111',
  formats: ['kohya'],
  read(files, base) {
    const [file] = files
    const known = modules(base)
    const split: SplitKey = (key) => {
      const dot = key.indexOf('.')
      if (dot < 0) return undefined
      const [name, part] = [key.slice(0, dot), key.slice(dot + 1)]
      const tried = [
        converted(name, base),
        name.replace('lora_unet', 'diffusion_model'),
        name.replace('lora_te1_text_model', '0_transformer_text_model'),
        name.replace('lora_te1_text_model', 'transformer_text_model'),
      ]
      return { name: tried.find((one) => known.has(one)) ?? name, part }
    }
    const found = readByNames(file?.tensors ?? new Map(), base, { names: known, split, knows })
    const unhandled = found.dropped.find(({ reason }) => reason.code === 'reader-no-part')
    const alone = [...found.layers].find(([, changes]) => changes.every(({ kind }) => kind === 'bias'))
    const stops = unhandled?.key ?? alone?.[0]
    const refused =
      stops === undefined
        ? undefined
        : because('reader-a1111-kind', 'It knows no adapter of the kind of {key}, and loads nothing of the file.', { key: stops })
    const magnitudes = [...found.layers.values()]
      .flat()
      .some((one) => one.kind === 'pair' && one.magnitude && (one.magnitude.shape[1] ?? 1) === 1)
    const byInput = because('reader-a1111-norm', 'It reads magnitudes by output as magnitudes by input: pictures differ.', {})
    return { ...found, refused, notes: [...callable(file?.name), ...(magnitudes ? [byInput] : [])] }
  },
}
