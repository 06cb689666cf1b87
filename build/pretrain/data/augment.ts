// More pictures without more drawings: mirror where it is safe, small shifts and scales, plain coloured backgrounds that the caption names.
import { bilinear } from './bilinear.ts'
import type { Random } from './random.ts'
import type { Picture } from './render.ts'

export type Colour = readonly [red: number, green: number, blue: number]

/** Backgrounds by the word that captions use. */
export const backgrounds: Readonly<Record<string, Colour>> = {
  blue: [92, 148, 232],
  green: [112, 190, 110],
  red: [226, 84, 78],
  yellow: [250, 218, 90],
  pink: [246, 170, 200],
  purple: [154, 112, 204],
  orange: [244, 154, 70],
  grey: [168, 170, 174],
  black: [24, 24, 26],
}

export interface Augmentation {
  readonly mirror: boolean
  /** Pixels to the right and down. */
  readonly shift: readonly [number, number]
  /** 1 keeps the size; below, the picture shrinks around its centre. */
  readonly scale: number
  readonly background?: string
}

export const augmentationRates = { mirror: 0.5, move: 0.5, background: 0.15, shift: 0.05, shrink: 0.15 } as const

/** Draws an augmentation; `mirrorSafe` says whether the mirrored picture still fits its caption. */
export function drawAugmentation(random: Random, mirrorSafe: boolean, size = 64): Augmentation {
  const [mirror, move, behind] = [random(), random(), random()]
  const reach = move < augmentationRates.move ? augmentationRates.shift * size : 0
  const shift = [Math.round((random() * 2 - 1) * reach), Math.round((random() * 2 - 1) * reach)] as const
  const shrink = random() * augmentationRates.shrink
  const names = Object.keys(backgrounds)
  const background = names[Math.floor(random() * names.length)]
  return {
    mirror: mirrorSafe && mirror < augmentationRates.mirror,
    shift,
    scale: reach > 0 ? 1 - shrink : 1,
    background: behind < augmentationRates.background ? background : undefined,
  }
}

/** The augmented RGB picture: moved by bilinear sampling, what comes in from outside is background. */
export function augmentPicture(picture: Picture, change: Augmentation, size = 64): Uint8Array {
  const behind = change.background === undefined ? undefined : backgrounds[change.background]
  const flat = new Float32Array(size * size * 3)
  for (let i = 0; i < size * size; i++)
    for (let c = 0; c < 3; c++) {
      const white = picture.rgb[i * 3 + c] ?? 255
      flat[i * 3 + c] = white - (1 - (picture.alpha[i] ?? 0) / 255) * (255 - (behind?.[c] ?? 255))
    }
  const out = new Uint8Array(size * size * 3)
  const centre = (size - 1) / 2
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const u = (x - change.shift[0] - centre) / change.scale
      const sx = (change.mirror ? -u : u) + centre
      const sy = (y - change.shift[1] - centre) / change.scale + centre
      for (let c = 0; c < 3; c++)
        out[(y * size + x) * 3 + c] = Math.round(bilinear(flat, { size, channels: 3 }, [sx, sy], c, behind?.[c] ?? 255))
    }
  return out
}
