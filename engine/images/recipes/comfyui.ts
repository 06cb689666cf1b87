// ComfyUI's `prompt`: the graph that it ran, as `{ id: { class_type, inputs } }`. An input is a value or a link `[id, slot]`.
import type { NamedLora, Recipe } from '../recipe.ts'
import { fileStem, isObject, numeral, told, words, type JsonObject } from './values.ts'

interface Node {
  readonly id: string
  readonly kind: string
  readonly inputs: JsonObject
}
type Link = readonly [node: Node, slot: number]

const deepest = 100
const mostNodes = 10_000
// A stranger's graph may have any number of either, and each is a walk through all of it.
const mostOutputs = 50
const mostSamplers = 10

/**
 * The usual graph, also with its sampler in parts (SamplerCustom, SamplerCustomAdvanced): sampler, texts, the model with the adapters on the way, the
 * empty latent. Nothing where it has no such sampler.
 */
export function comfyuiRecipe(object: JsonObject, text: string): Recipe | undefined {
  const graph = new Graph(object)
  const samplers = graph.samplersOfPicture()
  const sampler = samplers[0]
  if (!sampler) return undefined
  const parts = partsOf(sampler, graph)
  const value = (key: string): unknown => parts.map(({ inputs }) => graph.value(inputs[key], key)).find((one) => one !== undefined)
  const link = (key: string): Link | undefined => parts.map(({ inputs }) => graph.link(inputs[key])).find((one) => one !== undefined)
  const latent = graph.up(link('latent_image'), (node) => 'width' in node.inputs && 'height' in node.inputs)
  const denoise = numeral(value('denoise'))
  const [width, height] = ['width', 'height'].map((key) => latent && numeral(graph.value(latent.inputs[key], key)))
  const { model, loras, told: patches } = graph.modelOf(link('model'))
  // BasicGuider takes one conditioning, and guides by none.
  const alone = link('positive') === undefined ? link('conditioning') : undefined
  const positive = alone ?? link('positive')
  return {
    program: 'ComfyUI',
    prompt: graph.textOf(positive) ?? '',
    negativePrompt: graph.textOf(link('negative')) ?? '',
    settings: told([
      ['Steps', numeral(value('steps'))],
      ['Sampler', words(value('sampler_name')) ?? named(parts, /^Sampler(?!Custom)(\w+)$/)],
      ['Schedule type', words(value('scheduler')) ?? named(parts, /^(\w+?)(?:Sampling)?Scheduler$/)],
      ['CFG scale', alone ? '1' : numeral(value('cfg'))],
      ['Seed', numeral(value('seed') ?? value('noise_seed'))],
      ['Size', width && height ? `${width}x${height}` : undefined],
      ['Model', model],
      ['Clip skip', graph.clipSkip(positive)],
      ['Denoising strength', latent && (denoise ?? '1') === '1' ? undefined : denoise],
      ['Eta', numeral(value('eta'))],
      ['Sigma noise', numeral(value('s_noise'))],
      ['Hires upscale', samplers.length > 1 ? '?' : undefined],
      ['ControlNet', graph.through(positive, /controlnet/i) ? '?' : undefined],
      ...patches,
      ...graph.regional(positive),
      ['Emphasis', 'ComfyUI'],
    ]),
    loras,
    text,
  }
}

/** The sampler and what it is put together of: noise, guider, solver and noise levels. */
function partsOf(sampler: Node, graph: Graph): readonly Node[] {
  const parts = ['guider', 'sampler', 'sigmas', 'noise'].flatMap((key) => {
    const from = graph.link(sampler.inputs[key])
    const fits = ({ kind, inputs }: Node): boolean =>
      key === 'guider' ? 'model' in inputs : key === 'sigmas' ? 'steps' in inputs : key === 'noise' ? 'noise_seed' in inputs : /sampler/i.test(kind) // prettier-ignore
    return graph.up(from, fits) ?? []
  })
  return [sampler, ...parts]
}

/** KarrasScheduler, SamplerEulerAncestral: nodes whose kind is their choice. */
function named(parts: readonly Node[], kind: RegExp): string | undefined {
  const found = parts.flatMap((one) => kind.exec(one.kind)?.[1] ?? [])[0]
  return found?.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
}

class Graph {
  readonly #nodes = new Map<string, Node>()

  constructor(object: JsonObject) {
    for (const [id, node] of Object.entries(object).slice(0, mostNodes))
      if (isObject(node) && typeof node.class_type === 'string' && isObject(node.inputs))
        this.#nodes.set(id, { id, kind: node.class_type, inputs: node.inputs })
  }

  link(input: unknown): Link | undefined {
    if (!Array.isArray(input) || input.length !== 2) return undefined
    const node = this.#nodes.get(String(input[0]))
    return node && [node, Number(input[1])]
  }

  /** A value, also where another node holds it: primitives, seeds and texts have it under one of a few names. */
  value(input: unknown, key: string, depth = 0): unknown {
    const link = this.link(input)
    if (!link) return Array.isArray(input) ? undefined : input
    if (depth > deepest) return undefined
    const { inputs } = link[0]
    const name = [key, 'value', 'seed', 'int', 'float', 'number', 'text', 'string', 'prompt'].find((one) => inputs[one] !== undefined)
    return name === undefined ? undefined : this.value(inputs[name], name, depth + 1)
  }

  /** The samplers behind the picture that was saved, the first to run first: a second one refines what the first has made. */
  samplersOfPicture(): readonly Node[] {
    const isSampler = ({ inputs }: Node): boolean =>
      ('sampler_name' in inputs && 'steps' in inputs && 'positive' in inputs) ||
      (this.link(inputs.sigmas) !== undefined && this.link(inputs.sampler) !== undefined && 'latent_image' in inputs)
    for (const output of this.#outputs().slice(0, mostOutputs)) {
      const found: Node[] = []
      let at = this.up([output, 0], isSampler)
      while (at && !found.includes(at) && found.length < mostSamplers) {
        found.unshift(at)
        at = this.up(this.link(at.inputs.latent_image) ?? this.link(at.inputs.image), isSampler)
      }
      if (found.length > 0) return found
    }
    return []
  }

  /** Nodes that no other takes anything from; those that save before those that show. */
  #outputs(): readonly Node[] {
    const taken = new Set<Node>()
    for (const { inputs } of this.#nodes.values())
      for (const input of Object.values(inputs)) {
        const link = this.link(input)
        if (link) taken.add(link[0])
      }
    const ends = [...this.#nodes.values()].filter((node) => !taken.has(node))
    return ends.toSorted((a, b) => Number(/save/i.test(b.kind)) - Number(/save/i.test(a.kind)))
  }

  /** The nearest node above, this one included, that fits. */
  up(from: Link | undefined, fits: (node: Node) => boolean): Node | undefined {
    for (const node of this.#above(from)) if (fits(node)) return node
    return undefined
  }

  through(from: Link | undefined, kind: RegExp): boolean {
    for (const node of this.#above(from)) if (kind.test(node.kind)) return true
    return false
  }

  /** The text behind a conditioning: of several, the first. */
  textOf(from: Link | undefined, seen = new Set<Node>()): string | undefined {
    if (!from || seen.has(from[0]) || seen.size > deepest) return undefined
    const [{ kind, inputs }, slot] = from
    seen.add(from[0])
    if (/zeroout/i.test(kind)) return ''
    const joint = joints.find(([one]) => one === kind)
    if (joint) {
      const [, first, second, word] = joint
      const texts = [first, second].map((key) => this.textOf(this.link(inputs[key]), seen) ?? '')
      return texts.filter((text) => text !== '').join(` ${word} `)
    }
    for (const key of ['text', 'text_g', 'text_l', 'prompt', 'positive']) {
      const text = this.link(inputs[key]) && key === 'positive' ? undefined : this.value(inputs[key], key)
      if (typeof text === 'string' && text !== '') return text
    }
    // A node that passes both on gives the positive one first.
    const both = this.link(inputs.positive) && this.link(inputs.negative)
    const keys = both ? [slot === 1 ? 'negative' : 'positive'] : Object.keys(inputs).filter((key) => !/^(clip|model|vae|image)/.test(key))
    for (const key of keys) {
      const text = this.textOf(this.link(inputs[key]), seen)
      if (text !== undefined) return text
    }
    return 'text' in inputs ? '' : undefined
  }

  /** The checkpoint, the adapters between it and the sampler in the order in which they are loaded, and what else acts on it there. */
  modelOf(from: Link | undefined): { model?: string; loras: NamedLora[]; told: [string, string][] } {
    const loras: NamedLora[] = []
    const patches: [string, string][] = []
    let model: string | undefined
    const seen = new Set<Node>()
    for (let at = from; at && !seen.has(at[0]); at = this.link(at[0].inputs.model)) {
      seen.add(at[0])
      loras.unshift(...this.#lorasOf(at[0]), ...this.#stacked(this.link(at[0].inputs.lora_stack)))
      const patch = this.#patchOf(at[0])
      if (patch) patches.push(patch)
      const { inputs } = at[0]
      model ??= words(this.value(inputs.ckpt_name, 'ckpt_name')) ?? words(this.value(inputs.unet_name, 'unet_name'))
    }
    return { ...(model === undefined ? {} : { model: fileStem(model) }), loras: loras.slice(0, 64), told: patches }
  }

  /** Those of one loader, which may load several. */
  #lorasOf({ inputs }: Node): NamedLora[] {
    const name = words(this.value(inputs.lora_name, 'lora_name'))
    const strengths = [inputs.strength_model, inputs.strength_clip ?? 0] as const
    const one = name === undefined || isNone(name) ? [] : [lora(name, this.value(strengths[0], 'strength_model'), strengths[1])]
    // rgthree's loader of several.
    const several = Object.values(inputs).flatMap((entry) =>
      isObject(entry) && typeof entry.lora === 'string' && entry.on !== false && !isNone(entry.lora)
        ? [lora(entry.lora, entry.strength, entry.strengthTwo ?? entry.strength)]
        : [],
    )
    return [...several, ...one, ...this.#numbered(inputs)]
  }

  /** rgthree's `lora_01`, `strength_01`; the stacks of Efficiency Nodes and of Comfyroll, `lora_name_1` with their own names of strengths. */
  #numbered(inputs: JsonObject): NamedLora[] {
    return Object.entries(inputs).flatMap(([key, name]) => {
      const [, n] = /^lora(?:_name)?_(\d+)$/.exec(key) ?? []
      if (n === undefined || typeof name !== 'string' || isNone(name)) return []
      if (inputs[`switch_${n}`] === 'Off' || Number(n) > Number(inputs.lora_count ?? Infinity)) return []
      const own = (...names: readonly string[]): unknown => names.map((one) => inputs[`${one}_${n}`]).find((one) => one !== undefined)
      const simple = inputs.input_mode === 'simple'
      const model = simple ? own('lora_wt') : own('strength', 'model_weight', 'model_str', 'lora_wt')
      return [lora(name, model, simple ? model : (own('clip_weight', 'clip_str') ?? model))]
    })
  }

  /** A stack may be begun by another one. */
  #stacked(from: Link | undefined, depth = 0): NamedLora[] {
    if (!from || depth > deepest) return []
    return [...this.#stacked(this.link(from[0].inputs.lora_stack), depth + 1), ...this.#numbered(from[0].inputs)]
  }

  /** What acts on the model and is no adapter, as a setting that is told where it is not here. */
  #patchOf({ kind, inputs }: Node): [string, string] | undefined {
    if (kind === 'RescaleCFG') return ['CFG Rescale', numeral(this.value(inputs.multiplier, 'multiplier')) ?? '?']
    if (!('model' in inputs) || /lora|reroute|scheduler|guider|sampler$/i.test(kind)) return undefined
    if (kind === 'ModelSamplingDiscrete') {
      const [sampling, zsnr] = [this.value(inputs.sampling, 'sampling'), this.value(inputs.zsnr, 'zsnr')]
      return sampling === 'eps' && zsnr !== true ? undefined : [`Node ${kind}`, `${String(sampling)}${zsnr === true ? ' zsnr' : ''}`]
    }
    return [`Node ${kind}`, '?']
  }

  /** Conditionings that hold in a part of the picture or of the steps alone, or are mixed: they are told. */
  regional(from: Link | undefined): [string, string][] {
    const found = [...this.#above(from)].filter(({ kind }) =>
      /^Conditioning(SetArea|SetMask|SetTimestepRange|Average)|^unCLIP|^GLIGEN/.test(kind),
    )
    return [...new Set(found.map(({ kind }) => kind))].map((kind) => [`Node ${kind}`, '?'])
  }

  /** ComfyUI counts from the last layer: −1 is the last. */
  clipSkip(from: Link | undefined): string | undefined {
    for (const { inputs } of this.#above(from)) {
      const layer = Number(numeral(inputs.stop_at_clip_layer) ?? 0)
      if (layer < 0) return layer === -1 ? undefined : String(-layer)
    }
    return undefined
  }

  /** Breadth first, each node once. */
  *#above(from: Link | undefined): Generator<Node> {
    const [seen, next] = [new Set<Node>(), from ? [from[0]] : []]
    for (let node = next.shift(); node; node = next.shift()) {
      if (seen.has(node)) continue
      seen.add(node)
      yield node
      for (const input of Object.values(node.inputs)) {
        const link = this.link(input)
        if (link && !seen.has(link[0])) next.push(link[0])
      }
    }
  }
}

/** Nodes that join two conditionings, and what A1111 writes for that: BREAK lays them one behind the other, AND guides by both. */
const joints = [
  ['ConditioningConcat', 'conditioning_to', 'conditioning_from', 'BREAK'],
  ['ConditioningCombine', 'conditioning_1', 'conditioning_2', 'AND'],
] as const

/** What loaders of several say where no adapter is chosen. */
const isNone = (name: string): boolean => /^(none|)$/i.test(name)

function lora(file: string, strength: unknown, clip: unknown): NamedLora {
  const [weight, textWeight] = [Number(numeral(strength) ?? 1), Number(numeral(clip) ?? numeral(strength) ?? 1)]
  return { name: fileStem(file), weight, ...(weight === textWeight ? {} : { textWeight }) }
}
