// Prompts and styles in the fake studio.
import type { PromptStyle } from '../../../main/operations/style-file.ts'
import type { Handlers } from './handlers.ts'

export const fakePrompts: Handlers<'prompts'> = {
  wildcards: () => ({ total: 2, offset: 0, items: ['animals/cat', 'colour'] }),
  history: () => ({ total: 0, offset: 0, items: [] }),
}

export function fakeStyles(): Handlers<'styles'> {
  let all: readonly PromptStyle[] = [{ name: 'Ink', prompt: 'ink drawing of {prompt}', negative: 'photo' }]
  return {
    list: () => all,
    save: (style) => (all = [...all.filter(({ name }) => name !== style.name), style]),
    remove: ({ name }) => (all = all.filter((one) => one.name !== name)),
  }
}
