// How what lies in the library is used in a picture.
import type { AdapterCard } from '../../main/api/methods/library.ts'
import { generate } from './generate.svelte.ts'
import { library } from './library.svelte.ts'

/** An adapter goes onto the stack; the word of a textual inversion goes into the prompt, as the chosen reading of prompts has it. */
export function useInPicture(id: string): void {
  const card = library.adapters.find((one) => one.id === id)
  if (card?.kind === 'embedding') generate.say(callOf(card))
  else generate.stack(id)
}

const callOf = ({ name, triggers: [word = name] }: Pick<AdapterCard, 'name' | 'triggers'>): string =>
  generate.form.emphasis === 'comfyui' ? `embedding:${word}` : word
