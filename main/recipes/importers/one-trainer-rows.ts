// Options of OneTrainer and what becomes of each. Reference: modules/util/config/TrainConfig.py (version 11), ConceptConfig.py, modules/util/create.py,
// modules/modelSetup/BaseStableDiffusionSetup.py.
import { because } from '../../../engine/requests/reason.ts'
import {
  byEpochs,
  aboveZero,
  ignored,
  isOpen,
  notHere,
  number,
  numberOf,
  on,
  switchOf,
  taking,
  text,
  textOf,
  word,
  type Row,
  type Rows,
  type Settings,
} from '../mapping.ts'
import { embeddingRows, learnsEmbedding } from './one-trainer-embedding.ts'
import { ignoredRows } from './one-trainer-ignored.ts'
import { optimizerRows } from './one-trainer-optimizer.ts'

/** As `TrainConfig.default_values` has them, where that is none of ours. */
export const defaults: Settings = {
  training_method: 'FINE_TUNE',
  learning_rate: 3e-6,
  learning_rate_scheduler: 'CONSTANT',
  learning_rate_warmup_steps: 200,
  epochs: 100,
  batch_size: 1,
  lora_rank: 16,
  lora_alpha: 1,
  layer_filter_preset: 'full',
  'text_encoder.train': true,
  'optimizer.optimizer': 'ADAMW',
  dropout_probability: 0,
  'text.dropout': 0,
}

const isOn = (value: unknown): boolean => switchOf(value) === true
const models = /^STABLE_DIFFUSION_(15|20|20_BASE|21|21_BASE|XL_10_BASE)$/

const courses: Readonly<Record<string, string>> = {
  constant: 'constant',
  linear: 'linear',
  cosine: 'cosine',
  cosine_with_hard_restarts: 'cosine-restarts',
}

const textRate: Row = (_value, all) => ({
  set: {
    textRate:
      isOn(all['text_encoder.train']) && !learnsEmbedding(all)
        ? (numberOf(all['text_encoder.learning_rate']) ?? numberOf(all.learning_rate))
        : 0,
  },
})

/** Of noise: 0 to 1 of all timesteps. */
const strength = (ours: string, usual: number): Row =>
  taking(numberOf, (value) => (value === usual ? undefined : { set: { [ours]: Math.round(value * 1000) } }))

const lossPart =
  (option: string): Row =>
  (value, all) => {
    const parts = ['mse_strength', 'mae_strength', 'log_cosh_strength', 'huber_strength'].map((name) => numberOf(all[name]))
    const blended = (parts[0] ?? 1) !== 1 || parts.slice(1).some((part) => (part ?? 0) !== 0)
    return blended ? taking(numberOf, (own) => ({ set: { loss: 'blend', [`lossOptions.${option}`]: own } }))(value, all) : undefined
  }

const precisions = { float_32: 'fp32', tfloat_32: 'fp32', float_16: 'fp16', bfloat_16: 'bf16' }

export const rows: Rows = {
  ...ignoredRows,
  ...optimizerRows,
  ...embeddingRows,
  training_method: taking(textOf, (method) => {
    if (method === 'LORA') return undefined
    if (method === 'FINE_TUNE')
      return {
        set: { method: 'full' },
        differs: because('import-whole-model', 'There the whole model is trained; here its difference is kept as an adapter.'),
      }
    return method === 'EMBEDDING' ? { set: { unetRate: 0 } } : { unknown: true }
  }),
  model_type: taking(textOf, (type) =>
    models.test(type) ? undefined : { differs: because('import-other-model', 'Models of this family are not trained here.') },
  ),
  base_model_name: taking(textOf, (model) =>
    /^[\w.-]+\/[\w.-]+$/.test(model) && !/\.(safetensors|ckpt)$/i.test(model)
      ? { set: { model }, differs: because('import-repository', 'It may name a repository on a hub: fetch the model, and give its file.') }
      : { set: { model } },
  ),
  'vae.model_name': text('vae'),
  output_model_destination: taking(textOf, (out) => ({ set: { out: /\.safetensors$/i.test(out) ? out : `${out}.safetensors` } })),
  output_dtype: word('precision', precisions),
  train_dtype: word('computePrecision', precisions),
  concept_file_name: (_value, all) =>
    isOpen(all.concepts) ? { differs: because('import-file', 'It names another file: give that one too.') } : undefined,
  aspect_ratio_bucketing: (value) =>
    switchOf(value) === false
      ? {
          differs: because(
            'import-buckets',
            'Pictures are sorted by their shape here, with sides from half of the resolution to twice of it.',
          ),
        }
      : undefined,
  force_circular_padding: notHere,
  learning_rate: number('lr'),
  learning_rate_scheduler: taking(textOf, (name, all) => {
    if (/^SCHEDULE_FREE/.test(textOf(all['optimizer.optimizer']) ?? '')) return { set: { course: 'constant' } }
    const least = numberOf(all.learning_rate_min_factor) ?? 0
    if (name === 'COSINE' && least > 0) return { set: { course: 'cosine-min', 'courseOptions.minimum': least } }
    const own = courses[name.toLowerCase()]
    if (name === 'COSINE_WITH_RESTARTS')
      return {
        set: { course: 'cosine-restarts', 'courseOptions.cycles': numberOf(all.learning_rate_cycles) },
        differs: because('import-soft-restarts', 'There the rate rises again as slowly as it fell; here it begins anew at once.'),
      }
    if (own === undefined) return { differs: because('import-course', 'Such a course of the learning rate is not here: choose one.') }
    return {
      set: { course: own, ...(own === 'cosine-restarts' ? { 'courseOptions.cycles': numberOf(all.learning_rate_cycles) ?? 1 } : {}) },
    }
  }),
  learning_rate_warmup_steps: taking(numberOf, (steps, all) => {
    if (steps > 1) return { set: { warmup: Math.floor(steps / (numberOf(all.gradient_accumulation_steps) ?? 1)) } }
    return steps > 0 ? { differs: byEpochs } : { set: { warmup: 0 } }
  }),
  learning_rate_min_factor: (value, all) => (all.learning_rate_scheduler === 'COSINE' ? undefined : notHere(value, all)),
  learning_rate_scaler: taking(textOf, (name) =>
    name === 'NONE'
      ? undefined
      : { differs: because('import-scaled-rate', 'There the rate is multiplied by the size of the batch: give it so.') },
  ),
  epochs: number('epochs'),
  batch_size: number('batch'),
  gradient_accumulation_steps: number('accumulation'),
  ema: ignored,
  ema_decay: (value, all) => (isOpen(all.ema) || all.ema === 'OFF' ? undefined : number('ema')(value, all)),
  ema_update_step_interval: (value, all) =>
    isOpen(all.ema) || all.ema === 'OFF' || numberOf(value) === 1
      ? undefined
      : { differs: because('import-every-step', 'Here the average takes in every step.') },
  resolution: taking(textOf, (sides) => {
    const [first, ...more] = sides.split(',').map((side) => {
      const [width = NaN, height = width] = side.split('x').map(Number)
      return Math.round(Math.sqrt(width * height))
    })
    if (first === undefined || !Number.isFinite(first)) return { unknown: true }
    return {
      set: { resolution: first },
      ...(more.length > 0 ? { differs: because('import-resolutions', 'Of several resolutions the first is taken.') } : {}),
    }
  }),
  mse_strength: lossPart('mse'),
  mae_strength: lossPart('mae'),
  log_cosh_strength: lossPart('logCosh'),
  huber_strength: lossPart('huberStrength'),
  huber_delta: lossPart('huberDelta'),
  loss_weight_fn: word('lossWeight', {
    constant: 'constant',
    min_snr_gamma: 'min-snr',
    debiased_estimation: 'debiased',
    p2: 'p2',
    sigma: 'sigma',
  }),
  loss_weight_strength: (value, all) => {
    if (all.loss_weight_fn === 'DEBIASED_ESTIMATION') return { set: { 'lossWeightOptions.debiasedRoot': true } }
    if (all.loss_weight_fn === 'MIN_SNR_GAMMA') return number('minSnrGamma')(value, all)
    return all.loss_weight_fn === 'P2' ? number('lossWeightOptions.p2Gamma')(value, all) : undefined
  },
  dropout_probability: aboveZero('dropout'),
  clip_grad_norm: number('maxGradNorm'),
  offset_noise_weight: aboveZero('noiseOffset'),
  generalized_offset_noise: notHere,
  perturbation_noise_weight: taking(numberOf, (value) =>
    value === 0
      ? undefined
      : {
          set: { ipNoiseGamma: value },
          differs: because('import-perturbation', 'There the target has the added noise too; here it keeps its own.'),
        },
  ),
  rescale_noise_scheduler_to_zero_terminal_snr: on('zeroTerminalSnr'),
  force_v_prediction: (value) => (isOn(value) ? { set: { prediction: 'v_prediction' } } : undefined),
  force_epsilon_prediction: (value) => (isOn(value) ? { set: { prediction: 'epsilon' } } : undefined),
  min_noising_strength: strength('minTimestep', 0),
  max_noising_strength: strength('maxTimestep', 1),
  timestep_distribution: word('timestepDraw', {
    uniform: 'uniform',
    sigmoid: 'logistic',
    logit_normal: 'logit-normal',
    heavy_tail: 'heavy-tail',
    cos_map: 'cos-map',
    inverted_parabola: 'inverted-parabola',
    beta: 'beta',
  }),
  // Of the normal one the deviation is 1 and the weight.
  noising_weight: (value, all) =>
    all.timestep_distribution === 'LOGIT_NORMAL'
      ? number('timestepDrawOptions.logitDeviation')((numberOf(value) ?? 0) + 1, all)
      : drawOption(all, value, 'noisingWeight'),
  noising_bias: (value, all) => drawOption(all, value, all.timestep_distribution === 'LOGIT_NORMAL' ? 'logitMean' : 'noisingBias'),
  timestep_shift: (value) => (numberOf(value) === 1 ? undefined : notHere(value, {})),
  'unet.train': (value) => (switchOf(value) === false ? { set: { unetRate: 0 } } : undefined),
  'unet.learning_rate': number('unetRate'),
  'unet.gradient_checkpointing': on('recompute'),
  'text_encoder.train': textRate,
  'text_encoder.learning_rate': ignored,
  'text_encoder_2.train': (value, all) => {
    const rate = numberOf(all['text_encoder_2.learning_rate']) ?? numberOf(all.learning_rate)
    return /XL/.test(textOf(all.model_type) ?? '') ? { set: { textRate2: isOn(value) ? rate : 0 } } : undefined
  },
  'text_encoder_2.learning_rate': ignored,
  'text_encoder.stop_training_after': (value, all) => stopped(value, all, 'text_encoder'),
  'text_encoder_2.stop_training_after': (value, all) => stopped(value, all, 'text_encoder_2'),
  'unet.stop_training_after': (value, all) =>
    isOpen(value) || numberOf(value) === 0 || all['unet.stop_training_after_unit'] === 'NEVER' ? undefined : notHere(value, all),
  // From the layer that the model is read at by itself; ours are all read at one.
  text_encoder_layer_skip: taking(numberOf, (value, all) => (value === 0 ? undefined : { set: { clipSkip: ownClipSkip(all) + value } })),
  text_encoder_2_layer_skip: (value, all) =>
    (numberOf(value) ?? 0) === (numberOf(all.text_encoder_layer_skip) ?? 0) || !/XL/.test(textOf(all.model_type) ?? '')
      ? undefined
      : { differs: because('import-clip-skip', 'Both text encoders are read at the same layer here.') },
  masked_training: (value) => (isOn(value) ? { set: { maskedLoss: 'sidecar' } } : undefined),
  unmasked_probability: masked('unmaskedProbability'),
  unmasked_weight: masked('unmaskedWeight'),
  normalize_masked_area_loss: (value, all) => (isOn(all.masked_training) ? on('normalizeMaskedArea')(value, all) : undefined),
  masked_prior_preservation_weight: notHere,
  layer_filter: (value, all) => (isOpen(value) || all.layer_filter_preset !== 'custom' ? undefined : notHere(value, all)),
  layer_filter_preset: word('layers', { full: 'all', 'attn-mlp': 'transformer', 'attn-only': 'attention', custom: 'all' }),
  layer_filter_regex: ignored,
  peft_type: taking(textOf, (type, all) => {
    const own = { LORA: isOn(all.lora_decompose) ? 'dora' : 'lora', LOHA: 'loha', LOKR: 'lokr', OFT_2: 'oft', OFT: 'oft' }[type]
    return own === undefined ? { unknown: true } : { set: { variant: own } }
  }),
  lora_model_name: text('continue'),
  lora_rank: (value, all) =>
    (textOf(all.peft_type) ?? 'LORA') === 'LOKR' && numberOf(all.lokr_dim) !== undefined ? undefined : number('rank')(value, all),
  lora_alpha: number('alpha'),
  lora_decompose: (value, all) => (isOn(value) && isOpen(all.peft_type) ? { set: { variant: 'dora' } } : undefined),
  lora_decompose_output_axis: (value, all) =>
    isOn(all.lora_decompose) && !isOn(value)
      ? { differs: because('import-dora-axis', 'There magnitudes go by input; here by output, as its authors have it.') }
      : undefined,
  oft_block_size: (value, all) => (/^OFT/.test(textOf(all.peft_type) ?? '') ? number('rank')(value, all) : undefined),
  oft_block_share: notHere,
  oft_scaled: notHere,
  lokr_dim: (value, all) => (all.peft_type === 'LOKR' ? number('rank')(value, all) : undefined),
  lokr_decompose_factor: (value, all) => (all.peft_type === 'LOKR' ? number('variantOptions.factor')(value, all) : undefined),
  lokr_decompose_both: notHere,
  lokr_use_tucker: notHere,
  lokr_weight_decompose: notHere,
  lokr_full_matrix: notHere,
  lokr_dora_on_output: ignored,
  save_every: (value, all) => {
    if (isOpen(value) || numberOf(value) === 0 || all.save_every_unit === 'NEVER') return undefined
    return all.save_every_unit === 'STEP' ? number('keepEvery')(value, all) : { differs: byEpochs }
  },
  save_every_unit: ignored,
  validate_after: (value, all) =>
    !isOn(all.validation) || all.validate_after_unit === 'STEP'
      ? isOn(all.validation)
        ? number('validateEvery')(value, all)
        : undefined
      : { differs: byEpochs },
  validate_after_unit: ignored,
  'text.dropout': number('captionDropout'),
}

function stopped(value: unknown, all: Settings, part: string) {
  const unit = all[`${part}.stop_training_after_unit`]
  if (isOpen(value) || unit === 'NEVER' || unit === undefined || switchOf(all[`${part}.train`]) === false) return undefined
  return unit === 'STEP' ? number('textSteps')(value, all) : { differs: byEpochs }
}

/** Stable Diffusion 2 and SDXL leave their last layer out. */
const ownClipSkip = (all: Settings): number => (/XL|STABLE_DIFFUSION_2/.test(textOf(all.model_type) ?? '') ? 2 : 1)

function masked(ours: string): Row {
  return (value, all) => (isOn(all.masked_training) ? number(ours)(value, all) : undefined)
}

/** All of them have both; a draw takes those that it has. */
function drawOption(all: Settings, value: unknown, option: string) {
  const takes = { noisingWeight: /^(SIGMOID|HEAVY_TAIL|INVERTED_PARABOLA|BETA)$/, noisingBias: /^(SIGMOID|INVERTED_PARABOLA|BETA)$/ }[
    option
  ]
  return takes && !takes.test(textOf(all.timestep_distribution) ?? '') ? undefined : drawn(all, value, option)
}
const drawn = (all: Settings, value: unknown, option: string) =>
  /^(UNIFORM|COS_MAP)?$/.test(textOf(all.timestep_distribution) ?? '') ? undefined : number(`timestepDrawOptions.${option}`)(value, all)
