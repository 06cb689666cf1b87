// What a screen says of itself, as `card` in its module script. Nothing else lists screens: rail, palette, keys and addresses have all of them from these.
import { createContext, type Component } from 'svelte'
import type { DroppedFile } from '../../main/api/transport.ts'
import type { Key } from '../words/words.svelte.ts'

/** What the palette offers. */
export interface PaletteEntry {
  readonly label: string
  readonly run: () => void
}

export interface ScreenCard {
  /** Its address, after `#/`. */
  readonly name: string
  readonly title: Key
  readonly icon: Component<{ size?: number; 'aria-hidden'?: 'true' }>
  /** Place in the rail and the palette. */
  readonly order: number
  /** Goes there with Ctrl, or the command key, held. */
  readonly key?: string
  /** At the foot of the rail. */
  readonly last?: boolean
  readonly palette?: {
    /** Brings what the entries tell of, when the palette opens. */
    readonly load?: () => Promise<unknown>
    /** What can be asked for there. */
    readonly wishes?: () => readonly PaletteEntry[]
    /** What is there, by name. */
    readonly things?: () => readonly PaletteEntry[]
  }
  /** What it does with files that are dropped while it is shown; nothing where they go their usual way. */
  readonly takes?: (files: readonly DroppedFile[]) => (() => Promise<unknown>) | undefined
}

export interface Screen extends ScreenCard {
  readonly component: Component
}

/** All of them in their order, for what the shell shows. */
export const [allScreens, showScreens] = createContext<readonly Screen[]>()
