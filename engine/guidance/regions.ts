// The regions of a stack as masks of a picture of some size.
import { acts, type StackEntry } from '../adapters/stack.ts'
import type { Mask } from '../images/mask.ts'
import type { Size } from '../images/model-range.ts'
import { PigmentError } from '../requests/error.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import { checkRegions, readRegion, type Region } from '../requests/regions.ts'

type Asked = Pick<GenerateRequest, 'mode' | 'regionFeather'>

/** The stack with a mask for each region that is told, one for all entries of the same. Throws those of `checkRegions`, `region-empty`, `region-aspect`. */
export async function withMasks(stack: readonly StackEntry[], size: Size, request: Asked): Promise<readonly StackEntry[]> {
  checkRegions(request, stack)
  const masks = new Map<string, Mask>()
  const found: StackEntry[] = []
  for (const entry of stack) {
    const { region } = entry
    if (region === undefined || entry.mask || !acts(entry) || readRegion(region).kind === 'auto') {
      found.push(entry)
      continue
    }
    const mask = masks.get(region) ?? (await maskOf(readRegion(region), region, size, request.regionFeather))
    masks.set(region, mask)
    // What acts everywhere has no region: the same picture to the bit.
    found.push(mask.data.every((value) => value === 255) ? entry : { ...entry, mask })
  }
  return found
}

async function maskOf(region: Region, text: string, size: Size, feather: number): Promise<Mask> {
  const { feathered, maskResized } = await import('../images/inpaint.ts')
  const whole = region.kind === 'box' ? boxMask(region, size) : await maskResized(await fileMask(text, size), size)
  const mask = await feathered(whole, feather)
  if (mask.data.some((value) => value > 0)) return mask
  throw new PigmentError(
    'region-empty',
    `Nothing of the region "${text}" is white, so that its adapter would do nothing. Paint white where it is to act, or switch the adapter off.`,
    { region: text },
  )
}

/** Each pixel by as much of it as the box covers. */
export function boxMask({ left, top, width, height }: Region & { kind: 'box' }, size: Size): Mask {
  const covered = (from: number, length: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => Math.max(0, Math.min(i + 1, (from + length) * count) - Math.max(i, from * count)))
  const [across, down] = [covered(left, width, size.width), covered(top, height, size.height)]
  const data = new Uint8Array(size.width * size.height)
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) data[y * size.width + x] = Math.round(255 * (across[x] ?? 0) * (down[y] ?? 0))
  return { ...size, data }
}

async function fileMask(file: string, { width, height }: Size): Promise<Mask> {
  const [{ readMask }, { readPictureFile }] = await Promise.all([import('../images/mask.ts'), import('../images/picture.ts')])
  const mask = await readMask(await readPictureFile(file), file, 'first')
  const [got, expected] = [mask.width / mask.height, width / height]
  if (Math.abs(got / expected - 1) <= 0.02) return mask
  throw new PigmentError(
    'region-aspect',
    `The mask "${file}" is ${mask.width}×${mask.height}, and the picture ${width}×${height}: it would be stretched. Save the mask in the shape of the picture.`,
    { file, got: `${mask.width}×${mask.height}`, expected: `${width}×${height}` },
  )
}
