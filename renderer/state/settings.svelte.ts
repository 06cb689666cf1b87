// Settings, and what follows from them at once: theme and language.
import type { Settings } from '../../main/api/methods/settings.ts'
import { setLanguage, systemLanguage } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'

const defaults: Settings = {
  version: 1,
  language: 'system',
  theme: 'system',
  device: 'auto',
  threads: 0,
  exportFolder: null,
  notifications: true,
  checkForUpdates: false,
  stripMetadata: false,
  livePreview: true,
  thumbnailSide: 180,
  shortcuts: {},
  remembered: {},
  welcomed: false,
}

class SettingsState {
  current = $state<Settings>(defaults)

  async load(): Promise<void> {
    host.hear('settings', ({ settings }) => this.#take(settings))
    const media = matchMedia('(prefers-color-scheme: light)')
    media.addEventListener('change', () => this.#apply())
    const read = async (): Promise<void> => this.#take(await host.api.settings.get())
    host.onReturn(read)
    await read()
  }

  /** Shows the change before the host has written it. */
  async set(change: Partial<Omit<Settings, 'version'>>): Promise<void> {
    this.#take({ ...this.current, ...change })
    await host.attempt(() => host.api.settings.set(change))
  }

  #take(settings: Settings): void {
    this.current = settings
    this.#apply()
  }

  #apply(): void {
    const { theme, language } = this.current
    const light = matchMedia('(prefers-color-scheme: light)').matches
    document.documentElement.dataset.theme = theme === 'system' ? (light ? 'light' : 'dark') : theme
    setLanguage(language === 'system' ? systemLanguage() : language)
  }
}

export const settings = new SettingsState()
