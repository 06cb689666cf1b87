// Where the adapters of the stack act, as the form's control offers it.
import { boxText, readRegion, type Region } from '../../engine/requests/regions.ts'

/** Regions by their names in the words, `generate.region.<name>`. */
export const halves = { left: '0,0,0.5,1', right: '0.5,0,0.5,1', top: '0,0,1,0.5', bottom: '0,0.5,1,0.5' } as const

export type RegionKind = 'all' | keyof typeof halves | 'box' | 'auto' | 'mask'

/** What the control shows of a region; one that cannot be read is told as a mask. */
export function regionKind(text: string | undefined): RegionKind {
  if (text === undefined) return 'all'
  const half = Object.entries(halves).find(([, region]) => region === text)
  if (half) return half[0] as keyof typeof halves
  return boxOf(text) ? 'box' : autoWords(text) === undefined ? 'mask' : 'auto'
}

export type Box = Region & { kind: 'box' }
export function boxOf(text: string | undefined): Box | undefined {
  try {
    const region = readRegion(text ?? '')
    return region.kind === 'box' ? region : undefined
  } catch {
    return undefined
  }
}

/** The words by which a region is found, '' for those that call the adapter; undefined where it is another. */
export const autoWords = (text: string): string | undefined => (text === 'auto' ? '' : /^auto:(.*)$/s.exec(text)?.[1])

/** A side of a box moved, and the box with it where it would leave the picture: shares of a hundredth. */
export function boxMoved(box: Box, side: 'left' | 'top' | 'width' | 'height', share: number): string {
  const hundredths = (value: number, least = 0): number => Math.round(Math.min(1, Math.max(least, value)) * 100) / 100
  const moved = { ...box, [side]: hundredths(share, side === 'width' || side === 'height' ? 0.01 : 0) }
  const [left, top] = [Math.min(moved.left, 0.99), Math.min(moved.top, 0.99)]
  const [width, height] = [hundredths(Math.min(moved.width, 1 - left), 0.01), hundredths(Math.min(moved.height, 1 - top), 0.01)]
  return boxText({ ...moved, left, top, width, height })
}
