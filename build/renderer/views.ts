// What is drawn and looked at: every screen, its empty state, and what opens on top of it.
import type { Page } from 'playwright-core'
import type { FakeHost } from './fake/host.ts'

export interface View {
  readonly name: string
  /** After `#/`. */
  readonly address: string
  /** Drawn over a studio in which nothing was made yet. */
  readonly empty?: boolean
  /** Needs a page that was just loaded. */
  readonly fresh?: boolean
  readonly act?: (page: Page, host: FakeHost) => Promise<unknown>
}

const plain = ['home', 'datasets', 'train', 'generate', 'adapters', 'models', 'jobs', 'settings']

export const views: readonly View[] = [
  ...plain.map((name) => ({ name, address: name })),
  ...plain.filter((name) => !['models', 'settings'].includes(name)).map((name) => ({ name: `${name}-empty`, address: name, empty: true })),
  { name: 'palette', address: 'generate', act: (page) => page.keyboard.press('Control+k') },
]
