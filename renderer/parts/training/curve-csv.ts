// A curve as a table for other programs.
import type { RunCurve } from '../../../main/api/methods/training.ts'

/** RFC 4180: a line a step, with a line of names above. What has no value is empty. */
export function curveCsv(curve: RunCurve, smooth: readonly number[]): string {
  const cell = (value: number | undefined): string => (value === undefined || !Number.isFinite(value) ? '' : String(value))
  const rows = curve.step.map((step, n) => [step, curve.loss[n], smooth[n], curve.lr[n], curve.gradNorm[n]].map(cell).join(','))
  return ['step,loss,loss_smoothed,learning_rate,gradient_norm', ...rows, ''].join('\r\n')
}
