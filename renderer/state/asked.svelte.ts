// What is asked of a screen from elsewhere: taken by the screen when it is there.
import { router } from './router.svelte.ts'

type Wish = 'new-set' | 'import' | 'folders' | 'add-model' | 'grid' | 'shown'

class Asked {
  wish = $state<Wish>()

  /** True once for each time that it was asked for. */
  take(wish: Wish): boolean {
    if (this.wish !== wish) return false
    this.wish = undefined
    return true
  }
}

export const asked = new Asked()

/** Goes to the screen and asks for it there. */
export const wish = (screen: string, what: Wish) => (): void => {
  asked.wish = what
  router.go(screen)
}
