/** Exponential mean without the pull of its start, as TensorBoard shows it. */
export function smoothed(values: readonly number[], keep: number): number[] {
  let [sum, weight] = [0, 0]
  return values.map((value) => {
    sum = sum * keep + value * (1 - keep)
    weight = weight * keep + (1 - keep)
    return sum / weight
  })
}
