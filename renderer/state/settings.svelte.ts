// Settings, and what follows from them at once: theme, scaling of pictures, and language.
import type { Settings } from '../../main/api/methods/settings.ts'
import { setLanguage, systemLanguage } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'
import { Meanwhile } from './overtaken.ts'

const defaults: Settings = {
  version: 1,
  language: 'system',
  theme: 'system',
  device: 'auto',
  threads: 0,
  tf32: true,
  exportFolder: null,
  captioners: [],
  notifications: true,
  queueAddress: null,
  queueStore: null,
  runOn: 'here',
  checkForUpdates: false,
  stripMetadata: false,
  livePreview: true,
  keepOptimized: true,
  optimizedGigabytes: 30,
  scaling: 'smooth',
  thumbnailSide: 180,
  shortcuts: {},
  remembered: {},
  welcomed: false,
}

/** As the host takes it. */
const mostRemembered = 65_536

class SettingsState {
  current = $state<Settings>(defaults)
  /** Changes that the host has not answered yet: what it tells meanwhile may lack them. */
  #pending: Partial<Settings>[] = []
  readonly #news = new Meanwhile<Settings>()

  async load(): Promise<void> {
    host.hear('settings', ({ settings }) => {
      this.#news.tell(settings)
      this.#take(settings)
    })
    const media = matchMedia('(prefers-color-scheme: light)')
    media.addEventListener('change', () => this.#apply())
    host.onReturn(() => this.#read())
    await this.#read()
  }

  async #read(): Promise<void> {
    const [settings, since] = await this.#news.ask(() => host.api.settings.get())
    this.#take(since.at(-1) ?? settings)
  }

  /** Shows the change before the host has written it. */
  async set(change: Partial<Omit<Settings, 'version'>>): Promise<void> {
    this.#pending.push(change)
    this.#take(this.current)
    const kept = await host.attempt(() => host.api.settings.set(change))
    this.#pending = this.#pending.filter((one) => one !== change)
    if (!kept) await host.attempt(() => this.#read())
  }

  /** Writes down what a screen remembers; what is too long for that is let go. */
  remember(screen: string, text: string): void {
    if (text.length > mostRemembered || this.current.remembered[screen] === text) return
    void this.set({ remembered: { ...this.current.remembered, [screen]: text } })
  }

  #take(settings: Settings): void {
    this.current = this.#pending.reduce<Settings>((all, change) => ({ ...all, ...change }), settings)
    this.#apply()
  }

  #apply(): void {
    const { theme, language, scaling } = this.current
    const light = matchMedia('(prefers-color-scheme: light)').matches
    document.documentElement.dataset.theme = theme === 'system' ? (light ? 'light' : 'dark') : theme
    document.documentElement.dataset.scaling = scaling
    setLanguage(language === 'system' ? systemLanguage() : language)
  }
}

export const settings = new SettingsState()
