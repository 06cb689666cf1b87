// `<lora:name:0.8>` in a prompt, as A1111 and Forge write it.

export interface LoraMention {
  readonly name: string
  readonly weight: number
}
export interface ParsedPrompt {
  /** Without the mentions. */
  readonly text: string
  readonly loras: readonly LoraMention[]
}

const mention = /<lora:([^:<>\n]{1,200})(?::([+-]?(?:\d+\.?\d*|\.\d+))(?::[^<>\n]{0,40})?)?>/g

/** Takes the mentions out of a prompt. Of one name the last counts, as in A1111. */
export function parsePrompt(prompt: string): ParsedPrompt {
  const loras = new Map<string, number>()
  const text = prompt.replace(mention, (_whole, name: string, weight = '1') => {
    loras.set(name.trim(), Number(weight))
    return ''
  })
  const tidy = text
    .replace(/[^\S\n]{2,}/g, ' ')
    .replace(/\s*,(?:\s*,)+/g, ',')
    .trim()
  return { text: loras.size > 0 ? tidy : prompt, loras: Array.from(loras, ([name, weight]) => ({ name, weight })) }
}

/** How a mention is written. */
export function loraMention(name: string, weight: number): string {
  return `<lora:${name}:${Number(weight.toFixed(2))}>`
}
