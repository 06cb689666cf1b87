// The text as each group of adapters has it: those without a region, and with them those of one region each.
import { masksOf, type StackEntry } from '../adapters/stack.ts'
import type { Conditioning } from '../models/conditioning.ts'
import { StackFeeds } from '../sessions/adapted-session.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A stack for each group, whose entries act on all of a text. */
export function textStacks(stack: readonly StackEntry[]): StackEntry[][] {
  const everywhere = ({ mask: _mask, ...entry }: StackEntry): StackEntry => entry
  const of = (mask: StackEntry['mask']): StackEntry[] => stack.filter((entry) => !entry.mask || entry.mask === mask).map(everywhere)
  return [of(undefined), ...masksOf(stack).map(of)]
}

const hears = ({ adapter, weight, textWeight = weight, enabled }: StackEntry): boolean =>
  enabled && textWeight !== 0 && adapter.modules.some(({ component }) => component !== 'unet')

/**
 * Encodes once for each group whose adapters change the text encoders, and lays the states of all groups one behind the other: (P, G·T, D). Pooled text,
 * which has no place in a picture, is that of the first.
 */
export async function encodeRegions(
  stack: readonly StackEntry[],
  encode: (feeds: StackFeeds) => Promise<Conditioning>,
): Promise<Conditioning> {
  const [first = [], ...others] = textStacks(stack)
  const everywhere = await encode(new StackFeeds(first))
  const contexts = [everywhere.context]
  for (const of of others)
    contexts.push(of.filter(hears).length > first.filter(hears).length ? (await encode(new StackFeeds(of))).context : everywhere.context)
  return { ...everywhere, context: behindEachOther(contexts) }
}

/** G tensors (P, T, D) → (P, G·T, D). */
function behindEachOther(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (!first || parts.length === 1) return first as Tensor
  const [rows = 0, tokens = 0, width = 0] = first.shape
  const size = tokens * width
  const data = new Float32Array(parts.length * first.data.length)
  parts.forEach((part, g) => {
    for (let row = 0; row < rows; row++) data.set(part.data.subarray(row * size, (row + 1) * size), (row * parts.length + g) * size)
  })
  return { shape: [rows, parts.length * tokens, width], data }
}
