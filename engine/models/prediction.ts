// What a single-file checkpoint's UNet predicts. Shapes never show it, so the first witness in this order decides.
import { readRegular } from '../files/regular-file.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import { because, type Reason } from '../requests/reason.ts'
import type { Prediction, ScheduleConfig, TimestepSpacing } from '../checkpoint/config.ts'
import type { ModelFamily } from './family.ts'

/** Of a model's settings beside it. */
const largestYaml = 2 ** 20

export interface Said {
  readonly prediction: Prediction
  readonly evidence: Reason
}

/** Prediction of a single file: the caller's word, then marker keys, metadata, a .yaml beside it, the family's own sign, and at last epsilon. */
export async function predictionOf(file: SafetensorsFile, family: ModelFamily, chosen?: Prediction): Promise<Said> {
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

  if (await family.showsV?.(file))
    return said('v_prediction', 'predicts-spread', 'the biases of its last transformer block are spread as those of the 768 models')
  return said('epsilon', 'predicts-unsaid', 'nothing in the file says otherwise; choose v prediction if its pictures are only noise')
}

export const chosenSo = 'you chose so'

/** What a UNet predicts, and who says so. */
export const predicts = (prediction: Prediction, code: string, why: string, facts: Reason['facts'] = {}): Reason =>
  because(code, `It predicts {what}: ${why}.`, { what: prediction === 'epsilon' ? 'epsilon' : 'v', ...facts })

/**
 * The spacing of a single file, as diffusers gives it. The published SDXL states leading, SD 1.x and 2.x nothing: then Euler and DPM++ take linspace, as
 * they do in A1111 and ComfyUI too, and DDIM leading. With zero terminal SNR the first step must start at pure noise, which leading never visits.
 */
export const usualSpacing = (family: ModelFamily, zeroTerminalSnr: boolean): TimestepSpacing | undefined =>
  zeroTerminalSnr ? 'trailing' : family.timestepSpacing

/** The schedule that all families of Stable Diffusion were trained with, for files that carry none. */
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
