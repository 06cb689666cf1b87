// What a single-file checkpoint's UNet predicts. Shapes never show it, so the first witness in this order decides.
import { readFile } from 'node:fs/promises'
import type { SafetensorsFile } from '../files/safetensors.ts'
import type { Family, Prediction, ScheduleConfig, TimestepSpacing } from './config.ts'

export interface Said {
  readonly prediction: Prediction
  readonly evidence: string
}

/** Prediction of a single file: the caller's word, then metadata, a .yaml beside it, marker keys, and at last epsilon. */
export async function predictionOf(file: SafetensorsFile, chosen?: Prediction): Promise<Said> {
  const names: Record<Prediction, string> = { epsilon: 'epsilon', v_prediction: 'v' }
  const said = (prediction: Prediction, why: string): Said => ({ prediction, evidence: `It predicts ${names[prediction]}: ${why}.` })
  if (chosen) return said(chosen, 'you chose so')

  const kind = file.metadata.get('modelspec.prediction_type')
  if (kind !== undefined) return said(/^v/i.test(kind) ? 'v_prediction' : 'epsilon', `the metadata says prediction_type "${kind}"`)
  const architecture = file.metadata.get('modelspec.architecture')
  if (architecture !== undefined && /-768-v\b/.test(architecture))
    return said('v_prediction', `the metadata says architecture "${architecture}"`)

  const beside = file.path.replace(/\.[^.\\/]*$/, '.yaml')
  // Absent is the usual case, and whatever cannot be read is no witness.
  const yaml = await readFile(beside, 'utf8').catch(() => '')
  if (/^\s*parameterization:\s*["']?v\b/m.test(yaml)) return said('v_prediction', `"${beside}" says parameterization "v"`)

  if (file.entries.has('v_pred')) return said('v_prediction', 'the file carries the marker "v_pred"')
  return said('epsilon', 'nothing in the file says otherwise; choose v prediction if its pictures are only noise')
}

/**
 * The spacing of a single file, as diffusers gives it. The published SDXL states leading, SD 1.x and 2.x nothing: then Euler and DPM++ take linspace, as
 * they do in A1111 and ComfyUI too, and DDIM leading. With zero terminal SNR the first step must start at pure noise, which leading never visits.
 */
export const usualSpacing = (family: Family, zeroTerminalSnr: boolean): TimestepSpacing | undefined =>
  zeroTerminalSnr ? 'trailing' : family === 'sdxl' ? 'leading' : undefined

/** The schedule that all three families were trained with, for files that carry none. */
export const usualSchedule = (prediction: Prediction, zeroTerminalSnr: boolean, spacing?: TimestepSpacing): ScheduleConfig => ({
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction,
  timestepSpacing: spacing,
  stepsOffset: 1,
  zeroTerminalSnr,
  setAlphaToOne: false,
})
