// Words that call an adapter's style: it was trained with them, and the model alone knows nothing of them.
import type { StackEntry } from './stack.ts'

/** The words in an adapter's metadata, from our own key and ModelSpec's. */
export function triggersOf(metadata: Readonly<Record<string, string>>): string[] {
  const phrase = metadata['modelspec.trigger_phrase']
  return [...new Set([...listIn(metadata['pigment.trigger_words']), ...(phrase ? [phrase] : [])])]
}

/** Our own key for the word of a training run. */
export const triggerMetadata = (word: string | undefined): Record<string, string> =>
  word ? { 'pigment.trigger_words': JSON.stringify([word]) } : {}

/** A JSON list of strings from a stranger; anything else counts as none. */
function listIn(text: string | undefined): string[] {
  if (text === undefined || text.length > 10_000) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : []
  } catch {
    return []
  }
}

/** A prompt without the trigger words of the active adapters: in any case of letters, where they stand as words of their own. */
export function withoutTriggers(prompt: string, stack: readonly StackEntry[]): string {
  const words = stack
    .filter(({ enabled, weight }) => enabled && weight !== 0)
    .flatMap(({ adapter, triggers }) => triggers ?? triggersOf(adapter.metadata))
    .map((word) => word.trim())
    .filter(Boolean)
    // One may be part of another.
    .toSorted((a, b) => b.length - a.length)
  let left = prompt
  for (const word of words) {
    const literal = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    left = left.replace(new RegExp(String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])`, 'giu'), '')
  }
  if (left === prompt) return prompt
  // Brackets around nothing, double blanks and commas, commas at the ends.
  return left
    .replace(/\(\s*(:\s*[\d.]+\s*)?\)|\[\s*\]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/(\s*,)+/g, ',')
    .replace(/^[\s,]+|[\s,]+$/g, '')
}
