// Prompts and styles in the fake studio.
import type { PromptStyle } from '../../../main/operations/style-file.ts'
import { loadClipTokenizer, type ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts'
import { countPrompt } from '../../../engine/text/prompt-count.ts'
import type { Handlers } from './handlers.ts'

let tokenizer: Promise<ClipTokenizer> | undefined

export const fakePrompts: Handlers<'prompts'> = {
  wildcards: () => ({ total: 2, offset: 0, items: ['animals/cat', 'colour'] }),
  history: () => ({ total: 0, offset: 0, items: [] }),
  async count({ prompt, emphasis = 'a1111' }) {
    const counted = countPrompt(await (tokenizer ??= loadClipTokenizer()), prompt, { emphasis, room: 75 })
    return { encoders: [{ encoder: 'text_encoder', room: 75, ...counted }], varies: false }
  },
}

export function fakeStyles(): Handlers<'styles'> {
  let all: readonly PromptStyle[] = [{ name: 'Ink', prompt: 'ink drawing of {prompt}', negative: 'photo' }]
  return {
    list: () => all,
    save: (style) => (all = [...all.filter(({ name }) => name !== style.name), style]),
    remove: ({ name }) => (all = all.filter((one) => one.name !== name)),
  }
}
