// What a prompt asks for in another program's syntax and does not get here: it would be encoded as words, which nobody means.
import { unknownCalls } from './embedding-calls.ts'
import type { Embedding } from './embedding.ts'
import { readAsA1111, type Emphasis, type GenerateEvent, type GenerateRequest } from '../requests/generate.ts'

const mostTold = 8
const longest = 60

/** The places as written, each once. `none` takes brackets for what they are; tags are never words. */
export function unsupportedSyntax(prompt: string, emphasis: Emphasis): readonly string[] {
  const found = [...matches(prompt, /<\w+:[^<>\n]+>/g)]
  if (emphasis !== 'none') {
    found.push(...weightsOfOthers(prompt))
    // Wildcards, of Dynamic Prompts for A1111.
    found.push(...matches(prompt, /(?<![\p{L}\p{N}_])__[\p{L}\p{N}_/-]+?__(?![\p{L}\p{N}_])/gu))
  }
  if (emphasis === 'comfyui') found.push(...matches(prompt, /\bBREAK\b/g))
  return told(found)
}

const told = (found: readonly string[]): string[] =>
  [...new Set(found)].map((text) => (text.length > longest ? `${text.slice(0, longest)}…` : text)).slice(0, mostTold)

/** A warning for the prompts and one for the negative prompt, where they have any. */
export function* syntaxWarnings(
  { negative, emphasis }: Pick<GenerateRequest, 'negative' | 'emphasis'>,
  prompts: readonly string[],
  embeddings: readonly Embedding[],
): Generator<GenerateEvent> {
  const texts = { prompt: prompts, negative: [negative] } as const
  for (const where of ['prompt', 'negative'] as const) {
    // Several prompts at once are followed, not kept away from.
    const at = where === 'negative' && readAsA1111(emphasis) ? matches(negative, /\bAND\b/g) : []
    const found = [...new Set([...texts[where].flatMap((text) => unsupportedSyntax(text, emphasis)), ...at])]
    const message = `The ${where === 'prompt' ? 'prompt' : 'negative prompt'} has what is not understood here and counts as plain words: ${found.join(' · ')}`
    if (found.length > 0) yield { type: 'warning', code: 'prompt-syntax', message, facts: { where, found } }
    const unknown = emphasis === 'none' ? [] : told(texts[where].flatMap((text) => unknownCalls(text, embeddings)))
    if (unknown.length > 0) yield unknownWarning(where, unknown, emphasis)
  }
}

function unknownWarning(where: 'prompt' | 'negative', found: readonly string[], emphasis: Emphasis): GenerateEvent {
  const effect = emphasis === 'comfyui' ? 'They are left out, as ComfyUI does' : 'They count as plain words'
  const message = `The ${where === 'prompt' ? 'prompt' : 'negative prompt'} calls embeddings that are not here: ${found.join(' · ')}. ${effect}. Add their files.`
  return { type: 'warning', code: 'embedding-unknown', message, facts: { where, found } }
}

const matches = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), ([whole]) => whole)

/**
 * NovelAI's `{word}` and `1.5::word::`; InvokeAI's (Compel's) `word++`, `(two words)1.2` and `("a", "b").blend(0.5, 0.5)`. Braces with a bar
 * between are choices, of Dynamic Prompts and of ComfyUI's own pages.
 */
function weightsOfOthers(prompt: string): string[] {
  return [
    ...matches(prompt, /(?<![\\{])\{+[^{}]+\}+/g),
    ...matches(prompt, /(?<![\d.])-?\d*\.?\d+::[^:\n]+::/g),
    ...matches(prompt, /(?<![\p{L}\p{N}_+-])[\p{L}\p{N}_]+(?:\+{2,}|-{2,})(?=[\s,.)]|$)/gu).filter((word) => !/^[cg]\+\+$/i.test(word)),
    ...matches(prompt, /\([^()]*\)(?:\++|-+|\d*\.?\d+)(?=[\s,.)]|$)/g),
    ...matches(prompt, /\([^()]*\)\.(?:blend|and|swap)\([^()]*\)/g),
  ]
}
