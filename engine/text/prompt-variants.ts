// `{a|b}` and `__name__` in a prompt, as the dynamic prompts of A1111 write them (adieyal/dynamicprompts, src/dynamicprompts/parser/parse.py): what they
// say, read from a text. Which of it is drawn is another matter (`drawn-prompt.ts`).

export type PromptPart = string | Variants | Wildcard

/** So many of the options, from `least` to `most`, with `separator` between. */
export interface Variants {
  readonly options: readonly Option[]
  readonly least: number
  readonly most: number
  readonly separator: string
  readonly written: string
}
export interface Option {
  readonly weight: number
  readonly parts: readonly PromptPart[]
}
/** A line of the files that a name or a pattern of names fits; `name` may itself be drawn. */
export interface Wildcard {
  readonly name: readonly PromptPart[]
  readonly written: string
}

/** How it was to be drawn: here always at random. */
const way = String.raw`\s*[~!@]?`
const bounds = new RegExp(String.raw`^${way}\s*(?:(\d+)?(-)(\d+)?|(\d+))\s*\$\$(?:([^$\{\}]+)\$\$)?`)
const weighed = /^\s*(\d+\.?\d*|\.\d+)::/
/** What it may be called with: an inner `{…}` too, but no brackets, bars or signs of other syntax. */
const name = /__[~!@]?((?:(?!__)[^(){}$#|\n]|\{[^{}\n]*\})+)__/y
const deepest = 50

/** Signs behind a backslash, and braces that are not closed, are the prompt's own; so are `{braces}` without a choice inside. */
export function promptParts(text: string, depth = 0): PromptPart[] {
  const parts: PromptPart[] = []
  let plain = ''
  const add = (part: Variants | Wildcard): void => {
    if (plain !== '') parts.push(plain)
    plain = ''
    parts.push(part)
  }
  for (let at = 0; at < text.length;) {
    const letter = text[at] ?? ''
    const end = letter === '{' && depth < deepest ? closing(text, at) : undefined
    const inside = end === undefined ? undefined : text.slice(at + 1, end)
    const variants = inside === undefined ? undefined : variantsIn(inside, depth + 1)
    name.lastIndex = at
    const wildcard = letter === '_' && depth < deepest ? name.exec(text) : null
    if (variants && end !== undefined) {
      add({ ...variants, written: text.slice(at, end + 1) })
      at = end + 1
    } else if (wildcard) {
      add({ name: promptParts(wildcard[1] ?? '', depth + 1), written: wildcard[0] })
      at += wildcard[0].length
    } else {
      const length = letter === '\\' ? 2 : 1
      plain += text.slice(at, at + length)
      at += length
    }
  }
  return plain === '' ? parts : [...parts, plain]
}

/** Whether anything in it is drawn. */
export const isDrawn = (parts: readonly PromptPart[]): boolean => parts.some((part) => typeof part !== 'string')

/** The wildcards that may be drawn from it, wherever they stand; of names that are drawn themselves, all that could come. */
export function wildcardsIn(parts: readonly PromptPart[]): string[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return []
    if ('options' in part) return part.options.flatMap(({ parts: inner }) => wildcardsIn(inner))
    return sayings(part.name)
  })
}

/** All that these parts may say, as far as they are choices of words. */
function sayings(parts: readonly PromptPart[]): string[] {
  return parts.reduce<string[]>(
    (said, part) => {
      const next = typeof part === 'string' ? [part] : 'options' in part ? part.options.flatMap((one) => sayings(one.parts)) : []
      return said.flatMap((before) => next.map((after) => before + after)).slice(0, 1000)
    },
    [''],
  )
}

function variantsIn(inside: string, depth: number): Omit<Variants, 'written'> | undefined {
  const bound = bounds.exec(inside)
  const rest = bound
    ? inside.slice(bound[0].length)
    : inside.replace(new RegExp(`^${way}(?=[^~!@])`), (found) => found.replace(/[~!@]/, ''))
  const texts = atBars(rest)
  const options = texts.map((text) => {
    const [before = '', weight] = weighed.exec(text) ?? []
    return { weight: weight === undefined ? 1 : Number(weight), parts: promptParts(text.slice(before.length).trimStart(), depth) }
  })
  const [only] = options
  // NovelAI's brackets, and those of other syntax, are no choice.
  if (!bound && texts.length === 1 && !weighed.test(rest) && !(only && isDrawn(only.parts))) return undefined
  const [, from, range, to, exactly, separator = ','] = bound ?? []
  const [one, other] = bound ? (range ? [from ?? 1, to ?? options.length] : [exactly, exactly]) : [1, 1]
  const [least, most] = [Number(one), Number(other)].toSorted((a, b) => a - b) as [number, number]
  return { options, least, most, separator }
}

/** At the bars that stand in no bracket of their own, `[one|other]` too, which A1111 takes turns with. */
function atBars(text: string): string[] {
  const found: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === '\\') at++
    else if (letter === '{' || letter === '[') at = closing(text, at) ?? at
    else if (letter === '|') {
      found.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...found, text.slice(from)]
}

/** Where the bracket at `from` closes. */
function closing(text: string, from: number): number | undefined {
  const [open, shut] = text[from] === '{' ? ['{', '}'] : ['[', ']']
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === open) depth++
    else if (text[at] === shut && --depth === 0) return at
  }
  return undefined
}
