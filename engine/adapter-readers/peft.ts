// PEFT's from_pretrained on one network: its config decides which layers there are, and the file fills those whose keys it finds. transformers 5 took
// `text_model.` out of the first text encoder's paths: a layer counts only if either version finds it. Source: peft utils/save_and_load.py.
import { because } from '../requests/reason.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { grouped, isConfig, isTarget, pairOf } from './configured-pairs.ts'
import { changesOf, type Algorithm } from './parts.ts'
import type { AdapterReader, DroppedKey, ReadChange, ReaderBase, WrittenFile } from './reader.ts'

const prefix = 'base_model.model.'
const networks = ['unet', 'text_encoder', 'text_encoder_2'] as const
const others: ReadonlySet<Algorithm> = new Set(['loha', 'lokr'])

export const peft: AdapterReader = {
  name: 'peft',
  title: 'PEFT',
  formats: ['peft'],
  read(files, base) {
    const layers = new Map<string, readonly ReadChange[]>()
    const dropped: DroppedKey[] = []
    for (const file of files) readNetwork(file, base, layers, dropped)
    return { layers, dropped, notes: [] }
  },
}

function readNetwork(file: WrittenFile, { shapes }: ReaderBase, layers: Map<string, readonly ReadChange[]>, dropped: DroppedKey[]): void {
  const network = networks.find((one) => file.name.startsWith(`${one}/`)) ?? 'unet'
  const config = isConfig(file.config) ? file.config : {}
  const stripped = [...file.tensors].flatMap(([key, tensor]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), tensor] as const] : [],
  )
  for (const key of file.tensors.keys())
    if (!key.startsWith(prefix))
      dropped.push({ key, reason: because('reader-no-part', 'The program knows no such tensor: {part}.', { part: key }) })
  const found = grouped(stripped)
  const taken = new Set<string>()
  for (const layer of shapes.keys()) {
    if (!layer.startsWith(`${network}.`)) continue
    const path = layer.slice(network.length + 1)
    // SDXL's second encoder has a head, and kept its paths.
    const paths = network === 'text_encoder' ? [path, path.replace(/^text_model\./, '')] : [path]
    const versions = paths.map((one) =>
      isTarget(config, one) ? changeAt(found.get(one), config, one, shapes.get(layer) ?? []) : undefined,
    )
    for (const one of paths) if (found.has(one)) taken.add(one)
    const [first] = versions
    if (first && versions.every(Boolean)) layers.set(layer, first)
    else if (paths.some((one) => found.has(one)))
      dropped.push({
        key: prefix + path,
        reason: because('reader-peft-version', 'Its config and its keys do not name the layer alike in every version of transformers.', {}),
      })
  }
  for (const [path, parts] of found)
    if (!taken.has(path))
      for (const part of parts.keys())
        dropped.push({ key: `${prefix}${path}.${part}`, reason: because('reader-no-layer', 'The program has no layer of this name.', {}) })
}

function changeAt(
  parts: ReadonlyMap<string, Tensor> | undefined,
  config: Readonly<Record<string, unknown>>,
  path: string,
  shape: readonly number[],
): readonly ReadChange[] | undefined {
  if (!parts) return undefined
  if (parts.has('lora_A.weight')) return pairOf(parts, config, path)
  if (parts.has('ia3_l')) return [{ kind: 'of-base' }]
  const alpha = typeof config.alpha === 'number' ? config.alpha : undefined
  const { changes } = changesOf(
    alpha === undefined ? parts : new Map([...parts, ['alpha', { shape: [], data: Float32Array.of(alpha) }]]),
    shape,
    others,
  )
  // Of whole Kronecker factors PEFT keeps the scale, where LyCORIS has none.
  const whole = parts.has('lokr_w1') && parts.has('lokr_w2') && alpha !== undefined && typeof config.r === 'number'
  const scale = whole ? alpha / (config.r as number) : 1
  return changes.map((change) =>
    change.kind === 'dense' && whole ? { ...change, delta: change.delta.map((value) => value * scale) } : change,
  )
}
