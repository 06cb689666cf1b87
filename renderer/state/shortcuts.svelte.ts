// Which keys do what: defaults, and a person's own where they chose others.
import type { Key } from '../words/words.svelte.ts'
import { keysOf, unfit, type KeyPress } from './keys.ts'
import { settings } from './settings.svelte.ts'

interface Action {
  readonly label: Key
  readonly keys: string
  /** Also while a person writes in a field: then a letter alone cannot stand for it. */
  readonly typing?: boolean
}

export const actions = {
  palette: { label: 'shortcut.palette', keys: 'Ctrl+K', typing: true },
  list: { label: 'shortcut.list', keys: '?' },
  generate: { label: 'shortcut.generate', keys: 'Ctrl+Enter', typing: true },
  front: { label: 'shortcut.front', keys: 'Ctrl+Shift+Enter', typing: true },
  undo: { label: 'shortcut.undo', keys: 'Ctrl+Z' },
  redo: { label: 'shortcut.redo', keys: 'Ctrl+Shift+Z' },
  selectAll: { label: 'shortcut.select-all', keys: 'Ctrl+A' },
  grid: { label: 'shortcut.grid', keys: 'G' },
  crop: { label: 'shortcut.crop', keys: 'R' },
  star: { label: 'shortcut.star', keys: '.' },
  delete: { label: 'shortcut.delete', keys: 'Delete' },
} as const satisfies Readonly<Record<string, Action>>
export type ActionName = keyof typeof actions
export const actionNames = Object.keys(actions) as readonly ActionName[]

export type Objection = { readonly why: 'taken' | 'letter' } | { readonly why: 'used'; readonly by: ActionName }

class Shortcuts {
  /** What was stored is not trusted: keys that do not fit, or that two actions have, fall back to the default. */
  readonly #own = $derived.by(() => {
    const stored = settings.current.shortcuts
    const good = actionNames.flatMap((name) => {
      const keys = stored[name]
      return keys && !unfit(keys, isTyping(name)) ? [[name, keys] as const] : []
    })
    const all = new Map<ActionName, string>(good)
    const of = (name: ActionName): string => all.get(name) ?? actions[name].keys
    for (const [name] of good) if (actionNames.some((other) => other !== name && of(other) === of(name))) all.delete(name)
    return all
  })
  changed = $derived(this.#own.size > 0)

  of(name: ActionName): string {
    return this.#own.get(name) ?? actions[name].keys
  }
  isOwn(name: ActionName): boolean {
    return this.#own.has(name)
  }

  hit(event: KeyPress & { readonly isComposing: boolean }, name: ActionName): boolean {
    return !event.isComposing && keysOf(event) === this.of(name)
  }

  /** Gives an action other keys, or says why not: at once, so that no late answer stands against a newer one. */
  bind(name: ActionName, keys: string): Objection | undefined {
    const why = keys === actions[name].keys ? undefined : unfit(keys, isTyping(name))
    if (why) return { why }
    const by = actionNames.find((other) => other !== name && this.of(other) === keys)
    if (by) return { why: 'used', by }
    this.#keep({ ...Object.fromEntries(this.#own), [name]: keys })
    return undefined
  }

  /** Back to the default, unless another action has those keys by now. */
  reset(name: ActionName): Objection | undefined {
    return this.bind(name, actions[name].keys)
  }
  resetAll(): void {
    this.#keep({})
  }

  #keep(all: Readonly<Record<string, string>>): void {
    const own = Object.entries(all).filter(([name, keys]) => keys !== actions[name as ActionName].keys)
    void settings.set({ shortcuts: Object.fromEntries(own) })
  }
}

const isTyping = (name: ActionName): boolean => 'typing' in actions[name]

export const shortcuts = new Shortcuts()
