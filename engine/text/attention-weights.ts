// `(word:1.2)` in a prompt: which part of the text counts how much. A1111 and ComfyUI read the same brackets differently.
import type { Emphasis } from '../requests/generate.ts'

export interface Weighted {
  readonly text: string
  readonly weight: number
}

/** A part of a prompt; `break` ends the frame that is being filled. */
export type Segment = Weighted | 'break'

/** Splits a prompt where its weight changes. `none` takes every bracket for what it is. */
export function parseAttention(prompt: string, emphasis: Emphasis): readonly Segment[] {
  if (emphasis === 'none') return [{ text: prompt, weight: 1 }]
  return emphasis === 'comfyui' ? comfySegments(prompt) : a1111Segments(prompt)
}

const ROUND = 1.1
const tokens = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()[\]:]+|:/g

/**
 * `(x)` ×1.1, `[x]` ÷1.1, `(x:w)` ×w, all multiplied where they nest; `\(` is a bracket; a bracket that stays open counts to the end; `BREAK`
 * begins a new frame. Source: AUTOMATIC1111/stable-diffusion-webui, modules/prompt_parser.py, parse_prompt_attention.
 */
function a1111Segments(prompt: string): Segment[] {
  const parts: { text: string; weight: number; ends?: true }[] = []
  const [round, square]: [number[], number[]] = [[], []]
  const multiply = (from: number | undefined, factor: number): void => {
    for (const part of parts.slice(from)) part.weight *= factor
  }
  for (const [token, explicit] of prompt.matchAll(tokens)) {
    const weight = Number(explicit ?? NaN)
    if (token.startsWith('\\')) parts.push({ text: token.slice(1), weight: 1 })
    else if (token === '(') round.push(parts.length)
    else if (token === '[') square.push(parts.length)
    else if (round.length > 0 && Number.isFinite(weight)) multiply(round.pop(), weight)
    else if (round.length > 0 && token === ')') multiply(round.pop(), ROUND)
    else if (square.length > 0 && token === ']') multiply(square.pop(), 1 / ROUND)
    else
      token.split(/\s*\bBREAK\b\s*/).forEach((text, n) => {
        if (n > 0) parts.push({ text: '', weight: 1, ends: true })
        parts.push({ text, weight: 1 })
      })
  }
  for (const from of round) multiply(from, ROUND)
  for (const from of square) multiply(from, 1 / ROUND)
  const merged: Segment[] = []
  for (const { text, weight, ends } of parts) {
    const last = merged.at(-1)
    if (ends) merged.push('break')
    else if (last !== undefined && last !== 'break' && last.weight === weight)
      merged[merged.length - 1] = { text: last.text + text, weight }
    else merged.push({ text, weight })
  }
  return merged.length > 0 ? merged : [{ text: '', weight: 1 }]
}

/**
 * `(x)` ×1.1 of what is around it, `(x:w)` w whatever is around it; square brackets are text.
 * Source: comfyanonymous/ComfyUI, comfy/sd1_clip.py, token_weights.
 */
function comfySegments(prompt: string): Weighted[] {
  const escaped = prompt.replaceAll('\\(', OPEN).replaceAll('\\)', CLOSE)
  return weightedItems(escaped, 1, 0).map(({ text, weight }) => ({ text: text.replaceAll(OPEN, '(').replaceAll(CLOSE, ')'), weight }))
}

/** Brackets that were written with a backslash, as ComfyUI marks them. */
const [OPEN, CLOSE] = ['\0\x02', '\0\x01']
/** Brackets in brackets are read so far; beyond, they are text. */
const DEEPEST = 100
/** What Python reads as a number, but for its names of the infinite. */
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

function weightedItems(text: string, around: number, depth: number): Weighted[] {
  return items(text).flatMap((item) => {
    if (depth >= DEEPEST || item.length < 2 || !item.startsWith('(') || !item.endsWith(')')) return [{ text: item, weight: around }]
    const inside = item.slice(1, -1)
    const colon = inside.lastIndexOf(':')
    const weight = colon > 0 && NUMBER.test(inside.slice(colon + 1)) ? Number(inside.slice(colon + 1)) : NaN
    return Number.isFinite(weight)
      ? weightedItems(inside.slice(0, colon), weight, depth + 1)
      : weightedItems(inside, around * ROUND, depth + 1)
  })
}

/** The outermost brackets and what lies between them. One that is not closed takes all that follows; one that closes nothing shifts the rest. */
function items(text: string): string[] {
  const found: string[] = []
  let [from, level] = [0, 0]
  const cut = (to: number): void => {
    if (to > from) found.push(text.slice(from, to))
    from = to
  }
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(' && level++ === 0) cut(at)
    else if (text[at] === ')' && --level === 0) cut(at + 1)
  }
  cut(text.length)
  return found
}
