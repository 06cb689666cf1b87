// What was written is opened again and held against what it was written from: a file that cannot be used is known while the work can still be saved.
import type { Adapter } from '../adapters/adapter.ts'
import { compareAdapters, type AdapterDifference } from '../adapters/compare.ts'
import { rolesOf, variantCalled } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import type { Precision } from './format.ts'

/** How far ΔW may move by storing its factors in this precision. */
const tolerance = { fp32: 1e-6, fp16: 2e-3, bf16: 2e-2 } as const satisfies Record<Precision, number>
/** The largest number that a precision has. */
const largest = { fp32: 3.4028234663852886e38, fp16: 65_504, bf16: 3.3895313892515355e38 } as const satisfies Record<Precision, number>

/** What came back, held against what was written. */
export interface ReadBack {
  readonly copy: Adapter
  readonly difference: AdapterDifference
}

/** Before anything is written. Throws `save-not-finite` for NaN and infinity, `precision-overflow` for what a precision has no number for. */
export function refuseUnsound({ modules }: Pick<Adapter, 'modules'>, precision: Precision): void {
  for (const { component, path, variant, tensors } of modules)
    for (const role of rolesOf(variantCalled(variant), tensors)) {
      const name = `${component}.${path}.${role}`
      for (const value of tensors[role]?.data ?? []) {
        if (Number.isFinite(value) && Math.abs(value) <= largest[precision]) continue
        if (!Number.isFinite(value))
          throw new PigmentError(
            'save-not-finite',
            `"${name}" holds ${value}, which no program can draw with; nothing was written. Train or merge again with a lower learning rate or strength.`,
            { name, value: String(value) },
          )
        throw new PigmentError(
          'precision-overflow',
          `"${name}" holds ${value}, and ${precision} ends at ${largest[precision]}; nothing was written. Write in ${precision === 'fp16' ? 'bf16 or fp32' : 'fp32'}, or lower the strengths.`,
          { name, value, limit: largest[precision] },
        )
      }
    }
}

/** Throws `save-unreadable` where it cannot be read, `save-mismatch` where another adapter comes back. */
export async function readBack(
  adapter: Adapter,
  { path, precision, read }: { readonly path: string; readonly precision: Precision; readonly read: () => Promise<Adapter> },
): Promise<ReadBack> {
  const copy = await read().catch((error: unknown) => {
    if (!(error instanceof PigmentError)) throw error
    const why = error.message
    throw new PigmentError(
      'save-unreadable',
      `"${path}" was written and cannot be read back: ${why} The disk may be failing: write to another one, with the same command.`,
      { path, why },
    )
  })
  const difference = compareAdapters(adapter, copy)
  const { missing, maxRelativeL2, maxDifference } = difference
  if (missing.length === 0 && maxRelativeL2 <= tolerance[precision]) return { copy, difference }
  throw new PigmentError(
    'save-mismatch',
    `"${path}" was written, but reading it back gives another adapter (${missing.length} layers missing, relative difference ${maxRelativeL2}). ` +
      'Write in fp32; if that does not help, write to another disk and do not use this file.',
    { path, missing: missing.slice(0, 20), maxDifference: String(maxDifference), maxRelativeL2: String(maxRelativeL2) },
  )
}
