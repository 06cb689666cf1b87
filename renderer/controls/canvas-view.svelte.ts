// What is looked at on a canvas, and how near: all of it, until a person zooms.
import { fitted, held, moved, zoomed, type Extent, type Place, type Spot } from './canvas-view.ts'

export class CanvasView {
  /** Of the frame. */
  width = $state(0)
  height = $state(0)
  readonly frame = $derived<Extent>({ width: this.width, height: this.height })
  readonly #picture: () => Extent
  /** With the size of the picture that it was chosen for: one of another size is shown whole. */
  #own = $state.raw<{ readonly place: Place; readonly of: Extent }>()

  constructor(picture: () => Extent) {
    this.#picture = picture
  }

  readonly #chosen = $derived.by(() => {
    const { width, height } = this.#picture()
    return this.#own?.of.width === width && this.#own.of.height === height ? this.#own.place : undefined
  })
  fits = $derived(this.#chosen === undefined)
  place = $derived.by(() => (this.#chosen ? held(this.#chosen, this.#picture(), this.frame) : fitted(this.#picture(), this.frame)))

  fit(): void {
    this.#own = undefined
  }
  by(factor: number, at?: Spot): void {
    this.#put(zoomed(this.place, factor, at ?? this.#middle, this.#picture(), this.frame))
  }
  /** One pixel of the picture is one of the screen. */
  actual(): void {
    this.by(1 / devicePixelRatio / this.place.scale)
  }
  move(dx: number, dy: number): void {
    this.#put(moved(this.place, dx, dy, this.#picture(), this.frame))
  }

  get #middle(): Spot {
    return { x: this.frame.width / 2, y: this.frame.height / 2 }
  }
  #put(place: Place): void {
    this.#own = { place, of: this.#picture() }
  }
}
