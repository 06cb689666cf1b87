// What a single-file checkpoint's UNet predicts. Shapes never show it, so the first witness in this order decides.
import { readRegular } from '../files/regular-file.ts'
import { readTensor, type SafetensorsFile } from '../files/safetensors.ts'
import { because, type Reason } from '../requests/reason.ts'
import type { Family, Prediction, ScheduleConfig, TimestepSpacing } from '../checkpoint/config.ts'
import { unetPrefix } from './family.ts'

/** Of a model's settings beside it. */
const largestYaml = 2 ** 20

export interface Said {
  readonly prediction: Prediction
  readonly evidence: Reason
}

/** Prediction of a single file: the caller's word, then marker keys, metadata, a .yaml beside it, SD 2.x's own spread, and at last epsilon. */
export async function predictionOf(file: SafetensorsFile, family: Family, chosen?: Prediction): Promise<Said> {
  const said = (prediction: Prediction, code: string, why: string, facts: Reason['facts'] = {}): Said => ({
    prediction,
    evidence: predicts(prediction, code, why, facts),
  })
  if (chosen) return said(chosen, 'predicts-chosen', chosenSo)

  // Before the metadata, which a merge takes over from its first parent.
  if (file.entries.has('v_pred')) return said('v_prediction', 'predicts-marker', 'the file carries the marker "v_pred"')
  const kind = file.metadata.get('modelspec.prediction_type')
  if (kind !== undefined)
    return said(/^v/i.test(kind) ? 'v_prediction' : 'epsilon', 'predicts-metadata', 'the metadata says prediction_type "{said}"', {
      said: kind,
    })
  const architecture = file.metadata.get('modelspec.architecture')
  if (architecture !== undefined && /-768-v\b/.test(architecture))
    return said('v_prediction', 'predicts-architecture', 'the metadata says architecture "{said}"', { said: architecture })

  const beside = file.path.replace(/\.[^.\\/]*$/, '.yaml')
  // Absent is the usual case, and whatever cannot be read is no witness.
  const yaml = await readRegular(beside, largestYaml).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => '',
  )
  if (/^\s*parameterization:\s*["']?v\b/m.test(yaml))
    return said('v_prediction', 'predicts-yaml', '"{file}" says parameterization "v"', { file: beside })

  if (family === 'sd2' && (await spreadOf(file, lastNorm)) > vSpread)
    return said('v_prediction', 'predicts-spread', 'the biases of its last transformer block are spread as those of the 768 models')
  return said('epsilon', 'predicts-unsaid', 'nothing in the file says otherwise; choose v prediction if its pictures are only noise')
}

export const chosenSo = 'you chose so'

/** What a UNet predicts, and who says so. */
export const predicts = (prediction: Prediction, code: string, why: string, facts: Reason['facts'] = {}): Reason =>
  because(code, `It predicts {what}: ${why}.`, { what: prediction === 'epsilon' ? 'epsilon' : 'v', ...facts })

/** Nothing names the 768 models of SD 2.x; ComfyUI (supported_models.py, SD20) tells them by this tensor, with this bound. */
const lastNorm = `${unetPrefix}output_blocks.11.1.transformer_blocks.0.norm1.bias`
const vSpread = 0.09

/** Standard deviation of a tensor's values, 0 where it is absent. */
async function spreadOf(file: SafetensorsFile, key: string): Promise<number> {
  if (!file.entries.has(key)) return 0
  const { data } = await readTensor(file, key)
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length)
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
