// A begins as the right singular vectors of the weight's largest singular values, B as zeros: the pair reads what the layer reads most, and its weight
// stays what it is. Reference: anima_lora (sd-scripts' networks), which begins so.
import { kaiming } from './draws.ts'
import { leadingFactors, svdOptions } from './leading-factors.ts'
import { filledUp, sidesOf, type PairStart } from './start.ts'

export const svdDown: PairStart<typeof svdOptions> = {
  name: 'svd-down',
  title: 'SVD of the weight (A)',
  sentence:
    'A begins with the directions that the layer reads most, so that nothing is spent on what hardly passes through it: choose it for low ranks.',
  options: svdOptions,
  async pair(at, options) {
    const { vt } = await leadingFactors(at.base, at.rank, options)
    const [outputs] = sidesOf(at.weight)
    const none = { rows: outputs, columns: vt.rows, data: new Float64Array(outputs * vt.rows) }
    return filledUp(vt, none, kaiming(at), at.rank)
  },
}
