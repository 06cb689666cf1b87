// How a picture says that it was made, whatever program wrote it, under the names of A1111's settings line.
import type { SaidStrength } from '../requests/strength.ts'
import { a1111Recipe } from './recipes/a1111.ts'
import { comfyuiRecipe } from './recipes/comfyui.ts'
import { jsonRecipe } from './recipes/json.ts'
import { parsedObject } from './recipes/values.ts'
import type { PngText } from './formats/png-text.ts'

export interface NamedLora extends SaidStrength {
  /** Without folder and extension. */
  readonly name: string
}

export interface Recipe {
  readonly program: string
  readonly prompt: string
  readonly negativePrompt: string
  /** As in A1111's line: Steps, Sampler, Schedule type, CFG scale, Seed, Size, Model, Clip skip, Denoising strength … */
  readonly settings: ReadonlyMap<string, string>
  /** Adapters that no tag of the prompt names. */
  readonly loras: readonly NamedLora[]
  /** The text that says so, as written. */
  readonly text: string
}

/** What is known by name and not read. */
export interface UnreadRecipe {
  readonly program: string
  readonly text: string
}

/** The first text that says how the picture was made; none where nothing does. Text of strangers. */
export function readRecipe(texts: readonly PngText[]): Recipe | UnreadRecipe | undefined {
  const said = new Map(texts.filter(({ omitted }) => omitted === undefined).map(({ keyword, text }) => [keyword, text]))
  const parameters = said.get('parameters')?.trim()
  if (parameters) {
    const object = parsedObject(parameters)
    if (object) return jsonRecipe(object, parameters) ?? comfyuiRecipe(object, parameters) ?? { program: 'JSON', text: parameters }
    // What begins as JSON and is none is no prompt either.
    return /^(\{\s*"|\[\s*["{])/.test(parameters) ? { program: 'JSON', text: parameters } : a1111Recipe(parameters)
  }
  for (const [keyword, program] of [
    ['invokeai_metadata', 'InvokeAI'],
    ['Comment', 'NovelAI'],
  ] as const) {
    const text = said.get(keyword)
    const object = parsedObject(text)
    if (text !== undefined && object) return jsonRecipe(object, text, program) ?? { program, text }
  }
  const graph = said.get('prompt')
  const nodes = parsedObject(graph)
  if (graph !== undefined && nodes) return comfyuiRecipe(nodes, graph) ?? { program: 'ComfyUI', text: graph }
  for (const [keyword, program] of named) {
    const text = said.get(keyword)
    if (text) return { program, text }
  }
  return undefined
}

const named = [
  ['workflow', 'ComfyUI'],
  ['sd-metadata', 'InvokeAI 2'],
  ['Dream', 'InvokeAI 1'],
  ['fooocus_scheme', 'Fooocus'],
] as const
