// The mask that is painted over the start picture: strokes with their way back, and the file that a picture is asked for with.
import { PigmentError } from '../../engine/requests/error.ts'
import { runsOf, fromRuns } from '../../engine/requests/mask-runs.ts'
import type { Size } from '../../main/api/shapes.ts'
import { canvas } from './canvas.svelte.ts'
import { generate } from './generate.svelte.ts'
import { host } from './host.svelte.ts'
import { covered, invert, rectangle, stroke, type Box } from './mask-raster.ts'

interface Spot {
  readonly x: number
  readonly y: number
}
/** A mask as it was: small, so that many can be kept. */
interface Kept extends Size {
  readonly runs: readonly number[]
}

/** So long after the last stroke the mask is written down; before a picture is asked for it is in any case. */
const pause = 800
const empty = (): Size & { data: Uint8Array } => ({ width: 0, height: 0, data: new Uint8Array() })

class MaskPainting {
  /** Diameter, in pixels of the picture. */
  brush = $state(32)
  erasing = $state(false)
  /** How much is painted, from 0 to 1. */
  painted = $state(0)
  /** What is to be drawn again on the screen, and a number that grows with it. */
  changed = $state.raw<{ readonly box: Box; readonly at: number }>({ box: { left: 0, top: 0, width: 0, height: 0 }, at: 0 })
  /** A mask file of another size than the picture. */
  odd = $state.raw<Size>()
  #mask = empty()
  /** The file that the mask was read from, or kept in. */
  #file: string | undefined
  #dirty = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #keeping: Promise<unknown> = Promise.resolve()
  #last: Spot | undefined
  #before: Kept | undefined
  #value: 0 | 255 = 255

  get mask(): Size & { readonly data: Uint8Array } {
    return this.#mask
  }

  /** Shows the mask of a file over a picture of this size; without one nothing is painted. */
  async load(file: string | undefined, size: Size): Promise<void> {
    const { width, height } = this.#mask
    const same = width === size.width && height === size.height
    if (file === this.#file && same) return
    // At once: who paints before the answer paints on this picture.
    if (!same) this.#put({ ...size, runs: [] })
    this.#file = file
    this.#dirty = false
    const found = file === undefined ? undefined : await host.attempt(() => host.api.generate.maskRuns({ path: file }))
    // Meanwhile it was painted on, or another one was asked for.
    if (this.#file !== file || this.#dirty) return
    const fits = found?.width === size.width && found.height === size.height
    this.odd = found && !fits ? { width: found.width, height: found.height } : undefined
    this.#put({ ...size, runs: found && fits ? found.runs : [] })
  }

  down(at: Spot, erase: boolean): void {
    this.#before = this.#copy()
    this.#value = erase !== this.erasing ? 0 : 255
    this.#last = at
    this.drag(at)
  }
  drag(at: Spot): void {
    if (!this.#last) return
    this.#show(stroke(this.#mask, this.#last, at, this.brush / 2, this.#value))
    this.#last = at
  }
  up(): void {
    this.#last = undefined
    this.#done()
  }
  abort(): void {
    this.#last = undefined
    if (this.#before) this.#put(this.#before)
    this.#before = undefined
  }

  rectangle(box: Box, erase: boolean): void {
    this.#act(() => void rectangle(this.#mask, box, erase ? 0 : 255))
  }
  invert(): void {
    this.#act(() => invert(this.#mask))
  }
  clear(): void {
    this.#act(() => void this.#mask.data.fill(0))
  }
  /** By a share of what it is, so that each press is seen. */
  widen(by: 1 | -1): void {
    const step = Math.max(1, Math.round(this.brush / 8))
    this.brush = Math.min(512, Math.max(1, this.brush + by * step))
  }

  #act(change: () => void): void {
    this.#before = this.#copy()
    change()
    this.#whole()
    this.#done()
  }

  /** One step that can be taken back. */
  #done(): void {
    const [before, now] = [this.#before, this.#copy()]
    this.#before = undefined
    if (!before || String(before.runs) === String(now.runs)) return
    generate.edits.settle()
    generate.timeline.did({ back: () => this.#again(before), again: () => this.#again(now) })
    this.#touched()
  }
  #again(kept: Kept): void {
    this.#put(kept)
    this.#touched()
  }
  #touched(): void {
    this.painted = covered(this.#mask)
    this.odd = undefined
    this.#dirty = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.settle(), pause)
  }

  get unsettled(): boolean {
    return this.#dirty
  }

  /** What is painted lies in a file, which the form names; nothing painted is no mask. */
  settle(): Promise<unknown> {
    clearTimeout(this.#timer)
    return (this.#keeping = this.#keeping.then(() => (this.#dirty ? host.attempt(() => this.#keep()) : undefined)))
  }
  async #keep(): Promise<void> {
    this.#dirty = false
    const file = this.painted > 0 ? await this.#written() : undefined
    // Painted on meanwhile: that is written next.
    if (this.#dirty) return
    this.#file = file
    generate.edits.aside(() => canvas.setMask(file))
  }
  async #written(): Promise<string> {
    const picture = document.createElement('canvas')
    const { width, height, data } = this.#mask
    Object.assign(picture, { width, height })
    const pixels = new ImageData(width, height)
    const whole = new Uint32Array(pixels.data.buffer)
    // Opaque, white or black: the same from either end of its four bytes but for the last.
    const black = new Uint32Array(new Uint8Array([0, 0, 0, 255]).buffer)[0] ?? 0
    for (let i = 0; i < data.length; i++) whole[i] = data[i] ? 0xffffffff : black
    picture.getContext('2d')?.putImageData(pixels, 0, 0)
    const blob = await new Promise<Blob | null>((done) => picture.toBlob(done, 'image/png'))
    if (!blob) throw new Error('The mask could not be made into a picture.')
    const drop = await host.api.drop([{ path: 'mask.png', blob }])
    return (await host.api.generate.keepPicture({ drop })).path
  }

  #copy(): Kept {
    const { width, height, data } = this.#mask
    return { width, height, runs: runsOf(data) }
  }
  #put({ width, height, runs }: Kept): void {
    this.#mask = { width, height, data: fromRuns(runs, width * height) }
    this.painted = covered(this.#mask)
    this.#whole()
  }
  #whole(): void {
    const { width, height } = this.#mask
    this.#show({ left: 0, top: 0, width, height })
  }
  #show(box: Box): void {
    this.changed = { box, at: this.changed.at + 1 }
  }
}

export const painting = new MaskPainting()

/** Before a picture is asked for: what is painted is in its file, and what its tab needs is there. */
generate.ready = () => {
  if (canvas.mode === 'text') return undefined
  if (canvas.path === undefined) return refuse('start-picture-missing', 'There is no start picture yet. Choose one, or go to the tab Text.')
  if (canvas.mode === 'image') return undefined
  return painting.settle().then(() => {
    if (canvas.mask !== undefined) return true
    const sentence = 'Nothing is masked, so that nothing would be drawn anew. Paint what is to change, or go to the tab Image.'
    return refuse('mask-missing', sentence)
  })
}

function refuse(code: string, sentence: string): Promise<boolean> {
  host.fail(new PigmentError(code, sentence, {}))
  return Promise.resolve(false)
}
