// The screens of this folder in their order. A screen is one file, which says all that the shell knows of it.
import type { Component } from 'svelte'
import type { Screen, ScreenCard } from '../state/screen.ts'

const files = import.meta.glob<{ readonly default: Component; readonly card: ScreenCard }>('./*.svelte', { eager: true })

export const screens: readonly Screen[] = Object.values(files)
  .map(({ default: component, card }) => ({ ...card, component }))
  .sort((a, b) => a.order - b.order)
