// What a prompt with choices says for a seed. Source of the rules: adieyal/dynamicprompts, src/dynamicprompts/samplers/random.py.
import { PigmentError } from '../requests/error.ts'
import { randomStream } from '../tensor/philox.ts'
import { promptParts, isDrawn, wildcardsIn, type PromptPart, type Variants, type Wildcard } from './prompt-variants.ts'

/** The lines of all files that a name or a pattern fits, each once; none where no file does. */
export type WildcardLines = (name: string) => Promise<readonly string[]>

/** What is drawn by: the seed of the picture, and which of its texts this is. */
export interface DrawnBy {
  readonly seed: number
  readonly text: 'prompt' | 'negative'
}

const mostDraws = 4096
const longest = 20_000

/**
 * The prompt with its choices made: a pure function of the text, the lines and the seed. A text without choices comes back as it is; a wildcard that no
 * file fits stays as it is written, as there. Throws `wildcard-loop`, `prompt-endless`.
 */
export async function drawnPrompt(text: string, lines: WildcardLines, by: DrawnBy): Promise<string> {
  const parts = promptParts(text)
  if (!isDrawn(parts)) return text
  const known = new Map<string, Promise<readonly string[]>>()
  const once: WildcardLines = (name) => {
    const found = known.get(name) ?? lines(name)
    known.set(name, found)
    return found
  }
  await refuseLoops(wildcardsIn(parts), once, [], new Set())
  const stream = randomStream(by.seed, `variants of the ${by.text}`, 0)
  let [used, numbers] = [0, stream.uniform(32)]
  return new Sayer(once, () => next(), text).say(parts)

  function next(): number {
    if (used === mostDraws) throw endless(text)
    // A longer draw extends a shorter one.
    if (used === numbers.length) numbers = stream.uniform(mostDraws)
    return numbers[used++] ?? 0
  }
}

class Sayer {
  readonly #lines: WildcardLines
  readonly #draw: () => number
  readonly #text: string

  constructor(lines: WildcardLines, draw: () => number, text: string) {
    this.#lines = lines
    this.#draw = draw
    this.#text = text
  }

  async say(parts: readonly PromptPart[]): Promise<string> {
    let said = ''
    for (const part of parts) {
      said += typeof part === 'string' ? part : 'options' in part ? await this.#some(part) : await this.#line(part)
      if (said.length > longest) throw endless(this.#text)
    }
    return said
  }

  async #line(wildcard: Wildcard): Promise<string> {
    const lines = await this.#lines(await this.say(wildcard.name))
    if (lines.length === 0) return wildcard.written
    return this.say(promptParts(lines[Math.floor(this.#draw() * lines.length)] ?? ''))
  }

  async #some(variants: Variants): Promise<string> {
    const { separator } = variants
    const options = await this.#optionsOf(variants)
    const [least, most] = [Math.min(variants.least, options.length), Math.min(variants.most, options.length)]
    const count = least === most ? least : least + Math.floor(this.#draw() * (most - least + 1))
    const left = [...options]
    const said: string[] = []
    for (let n = 0; n < count; n++) {
      const [one] = left.splice(this.#which(left.map(({ weight }) => weight)), 1)
      said.push(await this.say(one?.parts ?? []))
    }
    const joined = said.join(separator)
    if (said.length < 2 || separator === '') return joined
    // Where the first or the last says nothing there is nothing to separate.
    const after = joined.startsWith(separator) ? joined.slice(separator.length) : joined
    return after.endsWith(separator) ? after.slice(0, -separator.length) : after
  }

  /** Of a lone wildcard, as in `{2$$__colours__}`, its lines. */
  async #optionsOf({ options }: Variants): Promise<Variants['options']> {
    const [only, more] = options
    const [wildcard, ...rest] = only?.parts.filter((part) => typeof part !== 'string' || part.trim() !== '') ?? []
    if (more || rest.length > 0 || typeof wildcard !== 'object' || !('name' in wildcard)) return options
    const lines = await this.#lines(await this.say(wildcard.name))
    return lines.length === 0 ? options : lines.map((line) => ({ weight: 1, parts: promptParts(line) }))
  }

  /** By weight; where none has any, all alike. */
  #which(weights: readonly number[]): number {
    const sum = weights.reduce((a, b) => a + b, 0)
    if (weights.length < 2) return 0
    const at = this.#draw()
    if (sum === 0) return Math.floor(at * weights.length)
    let passed = 0
    const found = weights.findIndex((weight) => (passed += weight / sum) > at)
    return found < 0 ? weights.findLastIndex((weight) => weight > 0) : found
  }
}

/** Whatever is drawn: a loop is refused before, and not by some seeds alone. */
async function refuseLoops(names: readonly string[], lines: WildcardLines, way: readonly string[], clear: Set<string>): Promise<void> {
  for (const name of new Set(names)) {
    const from = way.indexOf(name)
    if (from >= 0) throw loop([...way.slice(from), name])
    if (clear.has(name)) continue
    for (const line of await lines(name)) {
      const inner = line.includes('__') ? wildcardsIn(promptParts(line)) : []
      if (inner.length > 0) await refuseLoops(inner, lines, [...way, name], clear)
    }
    clear.add(name)
  }
}

function loop(way: readonly string[]): PigmentError {
  const sentence = `These wildcards call each other without end: ${way.map((name) => `__${name}__`).join(' → ')}. Take one of them out of the lines of another.`
  return new PigmentError('wildcard-loop', sentence, { way: way.map((name) => `__${name}__`).join(' → ') })
}

function endless(text: string): PigmentError {
  const sentence = `The choices of the prompt make more than ${longest} characters, or are more than ${mostDraws}: "${text.slice(0, 80)}…". Leave some of them out.`
  return new PigmentError('prompt-endless', sentence, { text: text.slice(0, 80), longest, most: mostDraws })
}
