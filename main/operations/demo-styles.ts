// The shipped sample sets, and what the demo draws with their styles.

/** A shipped sample set, and the name by which the style classifier knows its style. */
export interface SampleStyle {
  readonly name: string
  readonly title: string
  /** How the set's captions begin; its first word is the trigger. */
  readonly phrase: string
  readonly trigger: string
  readonly judged: string
}

export const sampleStyles: readonly SampleStyle[] = [
  {
    name: 'black-ink',
    title: 'Black ink',
    phrase: 'blackink style',
    trigger: 'blackink',
    judged: 'fluent-emoji-high-contrast',
  },
  {
    name: 'comic-outline',
    title: 'Comic outline',
    phrase: 'comicline style',
    trigger: 'comicline',
    judged: 'streamline-emojis',
  },
]

/** Rows of the sheet: concepts that are in neither sample set. */
export const sheetConcepts = ['red apple', 'sunflower', 'penguin', 'hamburger', 'rocket', 'mushroom', 'umbrella', 'skull'] as const

/** More concepts that are in neither sample set, for the style score. */
export const scoredConcepts = [
  ...sheetConcepts,
  ...[
    'frog',
    'bell',
    'guitar',
    'castle',
    'octopus',
    'snowman',
    'fire',
    'cat face',
    'dress',
    'sailboat',
    'tomato',
    'crown',
    'panda',
    'cloud',
    'wine glass',
    'taxi',
  ],
] as const

/** What is asked for: the trigger phrases of the stack's styles, then the concept. */
export const promptOf = (concept: string, styles: readonly Pick<SampleStyle, 'phrase'>[] = []): string =>
  [...styles.map(({ phrase }) => phrase), `emoji of ${concept}`].join(' ')
