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

/** The usual graph: a sampler, its two texts, its model with the adapters on the way, its empty latent. Nothing where it has no such sampler. */
export function comfyuiRecipe(object: JsonObject, text: string): Recipe | undefined {
  const graph = new Graph(object)
  const samplers = graph.samplersOfPicture()
  const sampler = samplers[0]
  if (!sampler) return undefined
  const { inputs } = sampler
  const value = (key: string): unknown => graph.value(inputs[key], key)
  const latent = graph.up(graph.link(inputs.latent_image), (node) => 'width' in node.inputs && 'height' in node.inputs)
  const denoise = numeral(value('denoise'))
  const [width, height] = ['width', 'height'].map((key) => latent && numeral(graph.value(latent.inputs[key], key)))
  const { model, loras } = graph.modelOf(graph.link(inputs.model))
  const positive = graph.link(inputs.positive)
  return {
    program: 'ComfyUI',
    prompt: graph.textOf(positive) ?? '',
    negativePrompt: graph.textOf(graph.link(inputs.negative)) ?? '',
    settings: told([
      ['Steps', numeral(value('steps'))],
      ['Sampler', words(value('sampler_name'))],
      ['Schedule type', words(value('scheduler'))],
      ['CFG scale', numeral(value('cfg'))],
      ['Seed', numeral(value('seed') ?? value('noise_seed'))],
      ['Size', width && height ? `${width}x${height}` : undefined],
      ['Model', model],
      ['Clip skip', graph.clipSkip(positive)],
      ['Denoising strength', latent && denoise === '1' ? undefined : denoise],
      ['Hires upscale', samplers.length > 1 ? '?' : undefined],
      ['ControlNet', graph.through(positive, /controlnet/i) ? '?' : undefined],
      ['Emphasis', 'ComfyUI'],
    ]),
    loras,
    text,
  }
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
    const isSampler = ({ inputs }: Node): boolean => 'sampler_name' in inputs && 'steps' in inputs && 'positive' in inputs
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

  /** The checkpoint, and the adapters between it and the sampler in the order in which they are loaded. */
  modelOf(from: Link | undefined): { model?: string; loras: NamedLora[] } {
    const loras: NamedLora[] = []
    let model: string | undefined
    const seen = new Set<Node>()
    for (let at = from; at && !seen.has(at[0]); at = this.link(at[0].inputs.model)) {
      const { inputs } = at[0]
      seen.add(at[0])
      const name = words(this.value(inputs.lora_name, 'lora_name'))
      if (name !== undefined && !isNone(name))
        loras.unshift(lora(name, this.value(inputs.strength_model, 'strength_model'), inputs.strength_clip ?? 0))
      // rgthree's loader of several.
      for (const one of Object.values(inputs).reverse())
        if (isObject(one) && typeof one.lora === 'string' && one.on !== false && !isNone(one.lora))
          loras.unshift(lora(one.lora, one.strength, one.strengthTwo ?? one.strength))
      model ??= words(this.value(inputs.ckpt_name, 'ckpt_name')) ?? words(this.value(inputs.unet_name, 'unet_name'))
    }
    return { ...(model === undefined ? {} : { model: fileStem(model) }), loras: loras.slice(0, 64) }
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

/** What loaders of several say where no adapter is chosen. */
const isNone = (name: string): boolean => /^(none|)$/i.test(name)

function lora(file: string, strength: unknown, clip: unknown): NamedLora {
  const [weight, textWeight] = [Number(numeral(strength) ?? 1), Number(numeral(clip) ?? numeral(strength) ?? 1)]
  return { name: fileStem(file), weight, ...(weight === textWeight ? {} : { textWeight }) }
}
