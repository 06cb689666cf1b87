// `(word:1.2)` in a prompt: which part of the text counts how much. A1111 and ComfyUI read the same brackets differently.
import type { Emphasis } from '../requests/generate.ts'

export interface Weighted {
  readonly text: string
  readonly weight: number
}

/** A part of a prompt; `break` ends the frame that is being filled. */
export type Segment = Weighted | 'break'

/** With the places in the prompt that its text comes from: from index `text` on it stands at `prompt`. */
export interface Located extends Weighted {
  readonly origins: readonly { readonly text: number; readonly prompt: number }[]
}

/** Splits a prompt where its weight changes. `none` takes every bracket for what it is. */
export function parseAttention(prompt: string, emphasis: Emphasis): readonly Segment[] {
  return locatedAttention(prompt, emphasis).map((segment) =>
    segment === 'break' ? segment : { text: segment.text, weight: segment.weight },
  )
}

export function locatedAttention(prompt: string, emphasis: Emphasis): readonly (Located | 'break')[] {
  if (emphasis === 'none') return [{ text: prompt, weight: 1, origins: [{ text: 0, prompt: 0 }] }]
  return emphasis === 'comfyui' ? comfySegments(prompt) : a1111Segments(prompt)
}

/** Where in the prompt a place of a segment's text stands. */
export function placeIn({ origins }: Located, at: number): number {
  const from = origins.findLast(({ text }) => text <= at)
  return from ? from.prompt + at - from.text : at
}

const ROUND = 1.1
const tokens = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()[\]:]+|:/g

/**
 * `(x)` ×1.1, `[x]` ÷1.1, `(x:w)` ×w, all multiplied where they nest; `\(` is a bracket; a bracket that stays open counts to the end; `BREAK`
 * begins a new frame. Source: AUTOMATIC1111/stable-diffusion-webui, modules/prompt_parser.py, parse_prompt_attention.
 */
function a1111Segments(prompt: string): (Located | 'break')[] {
  const parts: { text: string; weight: number; at: number; ends?: true }[] = []
  const [round, square]: [number[], number[]] = [[], []]
  const multiply = (from: number | undefined, factor: number): void => {
    for (const part of parts.slice(from)) part.weight *= factor
  }
  for (const { index, 0: token, 1: explicit } of prompt.matchAll(tokens)) {
    const weight = Number(explicit ?? NaN)
    if (token.startsWith('\\')) parts.push({ text: token.slice(1), weight: 1, at: index + 1 })
    else if (token === '(') round.push(parts.length)
    else if (token === '[') square.push(parts.length)
    else if (round.length > 0 && Number.isFinite(weight)) multiply(round.pop(), weight)
    else if (round.length > 0 && token === ')') multiply(round.pop(), ROUND)
    else if (square.length > 0 && token === ']') multiply(square.pop(), 1 / ROUND)
    else {
      let from = 0
      for (const { index: at, 0: word } of token.matchAll(/\s*\bBREAK\b\s*/g)) {
        parts.push({ text: token.slice(from, at), weight: 1, at: index + from }, { text: '', weight: 1, at: index + at, ends: true })
        from = at + word.length
      }
      parts.push({ text: token.slice(from), weight: 1, at: index + from })
    }
  }
  for (const from of round) multiply(from, ROUND)
  for (const from of square) multiply(from, 1 / ROUND)
  const merged: (Located | 'break')[] = []
  for (const { text, weight, at, ends } of parts) {
    const last = merged.at(-1)
    if (ends) merged.push('break')
    else if (last !== undefined && last !== 'break' && last.weight === weight)
      merged[merged.length - 1] = { text: last.text + text, weight, origins: [...last.origins, { text: last.text.length, prompt: at }] }
    else merged.push({ text, weight, origins: [{ text: 0, prompt: at }] })
  }
  return merged.length > 0 ? merged : [{ text: '', weight: 1, origins: [{ text: 0, prompt: 0 }] }]
}

/**
 * `(x)` ×1.1 of what is around it, `(x:w)` w whatever is around it; square brackets are text.
 * Source: comfyanonymous/ComfyUI, comfy/sd1_clip.py, token_weights.
 */
function comfySegments(prompt: string): Located[] {
  const escaped = prompt.replaceAll('\\(', OPEN).replaceAll('\\)', CLOSE)
  return weightedItems(escaped, { weight: 1, at: 0 }).map(({ text, weight, at }) => {
    // An escaped bracket has two signs in the prompt and one in the text.
    const marks = Array.from(text.matchAll(escapes), ({ index }, n) => [
      { text: index - n, prompt: at + index + 1 },
      { text: index - n + 1, prompt: at + index + 2 },
    ])
    return { text: text.replaceAll(OPEN, '(').replaceAll(CLOSE, ')'), weight, origins: [{ text: 0, prompt: at }, ...marks.flat()] }
  })
}

/** Brackets that were written with a backslash, as ComfyUI marks them. */
const [OPEN, CLOSE] = ['\0\x02', '\0\x01']
const escapes = new RegExp(`${OPEN}|${CLOSE}`, 'g')
/** Brackets in brackets are read so far; beyond, they are text. */
const DEEPEST = 100
/** What Python reads as a number, but for its names of the infinite. */
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

interface Around {
  readonly weight: number
  /** Where it begins in the prompt. */
  readonly at: number
  readonly depth?: number
}

function weightedItems(text: string, { weight: around, at, depth = 0 }: Around): (Weighted & { readonly at: number })[] {
  let from = at
  return items(text).flatMap((item) => {
    const here = from
    from += item.length
    if (depth >= DEEPEST || item.length < 2 || !item.startsWith('(') || !item.endsWith(')'))
      return [{ text: item, weight: around, at: here }]
    const inside = item.slice(1, -1)
    const colon = inside.lastIndexOf(':')
    const weight = colon > 0 && NUMBER.test(inside.slice(colon + 1)) ? Number(inside.slice(colon + 1)) : NaN
    const inner = { at: here + 1, depth: depth + 1 }
    return Number.isFinite(weight)
      ? weightedItems(inside.slice(0, colon), { weight, ...inner })
      : weightedItems(inside, { weight: around * ROUND, ...inner })
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
