// Prompts that change from call to call of the model, and prompts composed of several: A1111's `[from:to:when]`, `[to:when]`, `[one|other]` and `AND`.
// Source: A1111 modules/prompt_parser.py. Its steps are calls of the model: a solver that asks twice a step has twice as many.

/** One of several prompts that a picture follows at once. */
export interface WeightedPrompt {
  readonly text: string
  readonly weight: number
}

type Node =
  | string
  | { readonly from: readonly Node[]; readonly to: readonly Node[]; readonly when: string }
  | { readonly turns: readonly (readonly Node[])[] }

/** A prompt at the words `AND`, each part with the weight that stands behind its last colon. */
export function composedPrompts(prompt: string): WeightedPrompt[] {
  return prompt.split(/\bAND\b/).map((part) => {
    const [, text = part, weight] = /^([^]*?)(?:\s*:\s*([-+]?(?:\d+\.?|\d*\.\d+)))?\s*$/.exec(part) ?? []
    return { text, weight: weight === undefined ? 1 : Number(weight) }
  })
}

/** What a prompt says at each of `calls` calls, from the first. As A1111 has it the first two are alike. */
export function scheduledPrompt(prompt: string, calls: number): readonly string[] {
  const nodes = parsed(prompt)
  if (nodes.every((node) => typeof node === 'string')) return Array.from({ length: calls }, () => prompt)
  return Array.from({ length: calls }, (_, call) => textAt(nodes, Math.max(1, call), calls))
}

function textAt(nodes: readonly Node[], step: number, steps: number): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node
      if ('turns' in node) return textAt(node.turns[(step - 1) % node.turns.length] ?? [], step, steps)
      return textAt(step <= lastBefore(node.when, steps) ? node.from : node.to, step, steps)
    })
    .join('')
}

/** A number with a point is a share of the steps, another a step. */
const lastBefore = (when: string, steps: number): number =>
  Math.min(steps, Math.trunc(when.includes('.') ? Number(when) * steps : Number(when)))

function parsed(text: string): Node[] {
  const nodes: Node[] = []
  let plain = ''
  for (let at = 0; at < text.length; at++) {
    const end = text[at] === '[' ? closing(text, at) : undefined
    if (end === undefined) {
      // An escaped bracket is one of the prompt's own.
      const escaped = text[at] === '\\' ? 2 : 1
      plain += text.slice(at, at + escaped)
      at += escaped - 1
      continue
    }
    const found = bracket(text.slice(at + 1, end))
    if (typeof found === 'object' && !Array.isArray(found)) {
      nodes.push(plain, found as Node)
      plain = ''
    } else {
      nodes.push(`${plain}[`, ...(found as Node[]))
      plain = ']'
    }
    at = end
  }
  nodes.push(plain)
  return nodes.filter((node) => node !== '')
}

/** What stands between two brackets: a change, or what is only weighed less. */
function bracket(inside: string): Node | Node[] {
  const pieces = parts(inside, ':')
  const when = pieces.at(-1)?.trim() ?? ''
  if ((pieces.length === 2 || pieces.length === 3) && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(when)) {
    const [from, to] = pieces.length === 3 ? [pieces[0] ?? '', pieces[1] ?? ''] : ['', pieces[0] ?? '']
    return { from: parsed(from), to: parsed(to), when }
  }
  const turns = parts(inside, '|')
  return turns.length > 1 ? { turns: turns.map(parsed) } : parsed(inside)
}

/** The text at a sign, where it stands in no bracket of its own. */
function parts(text: string, sign: string): string[] {
  const found: string[] = []
  let [from, depth] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === '\\') at++
    else if ('[('.includes(letter)) depth++
    else if (')]'.includes(letter)) depth--
    else if (letter === sign && depth === 0) {
      found.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...found, text.slice(from)]
}

/** Where the square bracket at `from` closes. */
function closing(text: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') depth++
    else if (text[at] === ']' && --depth === 0) return at
  }
  return undefined
}
