// How what lies in the library is used in a picture.
import type { AdapterCard } from '../../main/api/methods/library.ts'
import { t } from '../words/words.svelte.ts'
import { generate } from './generate.svelte.ts'
import { host } from './host.svelte.ts'
import { library } from './library.svelte.ts'
import { router } from './router.svelte.ts'

/** An adapter goes onto the stack; the word of a textual inversion goes into the prompt, as the chosen reading of prompts has it. */
export function useInPicture(id: string): void {
  const card = library.adapters.find((one) => one.id === id)
  if (card?.kind === 'embedding') generate.say(callOf(card))
  else generate.stack(id)
}

/** Words of an adapter go into the prompt, and whoever wants sees them there. */
export function sayWords(words: string): void {
  generate.say(words)
  host.tell({
    text: t('adapters.words.written', { words }),
    action: { label: t('adapters.words.show'), run: () => router.go('generate') },
  })
}

const callOf = ({ name, triggers: [word = name] }: Pick<AdapterCard, 'name' | 'triggers'>): string =>
  generate.form.emphasis === 'comfyui' ? `embedding:${word}` : word
