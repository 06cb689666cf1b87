// What the shell knows of a screen.
import type { Component } from 'svelte'
import type { Key } from '../words/words.svelte.ts'

export interface Screen {
  readonly name: string
  readonly title: Key
  readonly icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
  readonly component: Component
}
