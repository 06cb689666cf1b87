// The drawn styles: icon set, what captions call it, who made it.

export interface Style {
  /** The icon set's name; its package is `@iconify-json/<id>`. */
  readonly id: string
  /** What captions say before "emoji of …". */
  readonly phrase: string
  readonly title: string
  readonly author: string
  readonly licence: string
  readonly source: string
}

/** What the base model learns. One short evocative phrase for each, after what the eye sees first. */
export const baseStyles: readonly Style[] = [
  {
    id: 'noto',
    phrase: 'soft shaded style',
    title: 'Noto Emoji',
    author: 'Google',
    licence: 'Apache-2.0',
    source: 'https://github.com/googlefonts/noto-emoji',
  },
  {
    id: 'noto-v1',
    phrase: 'round blob style',
    title: 'Noto Emoji (older drawings)',
    author: 'Google',
    licence: 'Apache-2.0',
    source: 'https://github.com/googlefonts/noto-emoji',
  },
  {
    id: 'twemoji',
    phrase: 'flat simple style',
    title: 'Twemoji',
    author: 'Twitter and contributors',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/jdecked/twemoji',
  },
  {
    id: 'emojione',
    phrase: 'bright candy style',
    title: 'Emojitwo (EmojiOne 2.3)',
    author: 'EmojiOne and the Emojitwo contributors',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/EmojiTwo/emojitwo',
  },
  {
    id: 'fxemoji',
    phrase: 'pastel storybook style',
    title: 'FxEmojis',
    author: 'Mozilla',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/mozilla/fxemoji',
  },
]

/** What the sample sets show: never in the base's training, tuning or choice. */
export const sampleStyles: readonly Style[] = [
  {
    id: 'fluent-emoji-high-contrast',
    phrase: 'blackink style',
    title: 'Fluent Emoji High Contrast',
    author: 'Microsoft Corporation',
    licence: 'MIT',
    source: 'https://github.com/microsoft/fluentui-emoji',
  },
  {
    id: 'streamline-emojis',
    phrase: 'comicline style',
    title: 'Streamline Emojis',
    author: 'Streamline (Webalys)',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/webalys-hq/streamline-vectors',
  },
]

/** The phrase that captions of a style begin with; empty for a style that is not in the table. */
export function stylePhrase(id: string): string {
  return [...baseStyles, ...sampleStyles].find((style) => style.id === id)?.phrase ?? ''
}
