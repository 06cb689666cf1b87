// Words that call an adapter's style: it was trained with them, and the model alone knows nothing of them.
import type { Adapter } from './adapter.ts'
import { acts, type StackEntry } from './stack.ts'

/** The words in an adapter's metadata, from our own key and ModelSpec's. */
export function triggersOf(metadata: Readonly<Record<string, string>>): string[] {
  const phrase = metadata['modelspec.trigger_phrase']
  return [...new Set([...ownTriggers(metadata), ...(phrase ? [phrase] : [])])]
}

/** The word of a training run here. */
export const ownTriggers = (metadata: Readonly<Record<string, string>>): string[] => listIn(metadata['pigment.trigger_words'])

/** What calls the embeddings that come with it: these are its trigger words too. */
const callsOf = ({ embeddings = [] }: Adapter): string[] =>
  embeddings.flatMap(({ names }) => names.flatMap((name) => [name, `embedding:${name}`]))

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

/** Finds a word, or words, where they stand as such and not as a part of others: in any case of letters. */
function wholeWord(word: string): RegExp {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])`, 'giu')
}

/** `[trigger]` in a text stands for the trigger word, as in ai-toolkit's captions and sample prompts. Without a word the text stays as it is. */
export const fillTrigger = (text: string, trigger: string): string => (trigger ? text.replace(/\[trigger\]/gi, () => trigger) : text)

/** A caption that holds the trigger: as it is where the word stands in it already, else behind the word. */
export function withTrigger(caption: string, trigger: string): string {
  if (trigger === '') return caption
  const filled = fillTrigger(caption, trigger)
  if (filled.search(wholeWord(trigger)) >= 0) return filled
  return filled === '' ? trigger : `${trigger}, ${filled}`
}

/** A caption in which `by` stands for the trigger: without it where `by` is empty. */
export function replaceTrigger(caption: string, trigger: string, by: string): string {
  if (trigger === '') return caption
  const replaced = caption.replace(wholeWord(trigger), () => by)
  return by === '' && replaced !== caption ? tidied(replaced) : replaced
}

/** A prompt without the trigger words of the active adapters: in any case of letters, where they stand as words of their own. */
export function withoutTriggers(prompt: string, stack: readonly StackEntry[]): string {
  const words = stack
    .filter(acts)
    .flatMap(({ adapter, triggers }) => [...(triggers ?? triggersOf(adapter.metadata)), ...callsOf(adapter)])
    .map((word) => word.trim())
    .filter(Boolean)
    // One may be part of another.
    .toSorted((a, b) => b.length - a.length)
  let left = prompt
  for (const word of words) left = left.replace(wholeWord(word), '')
  return left === prompt ? prompt : tidied(left)
}

/** Without brackets around nothing, double blanks and commas, and commas at the ends. */
const tidied = (text: string): string =>
  text
    .replace(/\(\s*(:\s*[\d.]+\s*)?\)|\[\s*\]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/(\s*,)+/g, ',')
    .replace(/^[\s,]+|[\s,]+$/g, '')
