// The embedded model's networks: Stable-Diffusion-shaped, small enough for two CPU cores.
import type { ClipTextConfig, ScheduleConfig, UNetConfig, VaeConfig } from '../../engine/checkpoint/config.ts'

export const modelFolder = 'assets/models/pigment-small'
export const side = 64
export const vae: VaeConfig = {
  inChannels: 3,
  latentChannels: 16,
  blockOutChannels: [32, 64, 96, 128],
  layersPerBlock: 1,
  normGroups: 8,
  scalingFactor: 1,
}

/** Pixels of a cell's side. */
export const cellPixels = 2 ** (vae.blockOutChannels.length - 1)

export const unet: UNetConfig = {
  inChannels: vae.latentChannels,
  outChannels: vae.latentChannels,
  blockOutChannels: [128, 224],
  layersPerBlock: 1,
  transformerLayers: [1, 1],
  midTransformerLayers: 1,
  heads: [4, 7],
  crossAttentionDim: 128,
  normGroups: 16,
  normEps: 1e-5,
  linearProjection: false,
  sampleSize: side / cellPixels,
}

export const text = (vocabSize: number): ClipTextConfig => ({
  vocabSize,
  width: 128,
  layers: 3,
  heads: 4,
  mlpWidth: 512,
  positions: 32,
  activation: 'quick_gelu',
  layerNormEps: 1e-5,
  bosId: vocabSize - 2,
  eosId: vocabSize - 1,
  padId: vocabSize - 1,
  skip: 1,
  finalNorm: true,
})

/** v-prediction with zero terminal SNR: the last step is pure noise, so that a white background comes out white. */
export const schedule: ScheduleConfig = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: 'v_prediction',
  timestepSpacing: 'trailing',
  stepsOffset: 0,
  zeroTerminalSnr: true,
  setAlphaToOne: false,
}
