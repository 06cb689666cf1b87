// Which screen is shown: the part of the address after `#/`, with an argument, e.g. `#/datasets/black-ink`.
const read = (): { screen: string; argument: string } => {
  const [screen = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/')
  return { screen: screen || 'home', argument: decodeURIComponent(rest.join('/')) }
}

class Router {
  #at = $state(read())
  constructor() {
    addEventListener('hashchange', () => (this.#at = read()))
  }
  get screen(): string {
    return this.#at.screen
  }
  get argument(): string {
    return this.#at.argument
  }
  go(screen: string, argument = ''): void {
    location.hash = `#/${screen}${argument ? `/${encodeURIComponent(argument)}` : ''}`
  }
}

export const router = new Router()
