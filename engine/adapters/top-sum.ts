/** The sum of the `count` largest of values that are not negative, without sorting them all: floats without a sign are in the order of their bits. */
export function topSum(values: Float32Array, count: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const numbers = new Uint32Array(1 << 16)
  for (let i = 0; i < bits.length; i++) numbers[(bits[i] as number) >>> 16]!++
  let [bucket, above] = [numbers.length - 1, 0]
  while (bucket > 0 && above + (numbers[bucket] as number) < count) above += numbers[bucket--] as number
  let sum = 0
  const border: number[] = []
  for (let i = 0; i < bits.length; i++) {
    const at = (bits[i] as number) >>> 16
    if (at > bucket) sum += values[i] as number
    else if (at === bucket) border.push(values[i] as number)
  }
  border.sort((a, b) => b - a)
  for (let i = 0; i < count - above && i < border.length; i++) sum += border[i] as number
  return sum
}
