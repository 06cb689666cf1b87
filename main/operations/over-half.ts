import { PigmentError } from '../../engine/requests/error.ts'

const largestHalf = 65_504

/** Throws `precision-overflow` where a number is beyond what fp16 has. */
export function refuseOverHalf(name: string, data: Float32Array): void {
  const over = data.find((value) => Math.abs(value) > largestHalf)
  if (over === undefined) return
  throw new PigmentError(
    'precision-overflow',
    `"${name}" holds ${over}, and fp16 ends at ${largestHalf}. Write in bf16 or fp32, or lower the strengths.`,
    { name, value: over, limit: largestHalf },
  )
}
