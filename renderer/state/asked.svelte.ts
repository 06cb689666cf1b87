// What the command palette asks of a screen: taken by the screen when it is there.
type Wish = 'new-set' | 'import' | 'add-model' | 'grid'

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
