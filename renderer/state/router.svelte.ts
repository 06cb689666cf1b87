// Which screen is shown: the part of the address after `#/`, with an argument, e.g. `#/datasets/black-ink`.
import { settle } from './settle.ts'

const read = (): { screen: string; argument: string } => {
  // The link that a studio gives has its key there, until it is changed for a cookie.
  const [screen = '', ...rest] = location.hash.replace(/^#(\/|t=.*)?/, '').split('/')
  return { screen: screen || 'home', argument: decoded(rest.join('/')) }
}
/** An address that somebody wrote may not be one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const addressOf = (screen: string, argument: string): string => `#/${screen}${argument ? `/${encodeURIComponent(argument)}` : ''}`

class Router {
  #at = $state(read())
  constructor() {
    addEventListener('hashchange', () => {
      settle()
      this.#at = read()
    })
  }
  get screen(): string {
    return this.#at.screen
  }
  get argument(): string {
    return this.#at.argument
  }
  go(screen: string, argument = ''): void {
    location.hash = addressOf(screen, argument)
  }
  /** As `go`, from an address that a person is not to come back to. */
  instead(screen: string, argument: string): void {
    location.replace(addressOf(screen, argument))
  }
}

export const router = new Router()
