// Every option of sd-scripts' train_network.py and what becomes of it. Reference: library/train_util.py, library/custom_train_functions.py,
// train_network.py, library/config_util.py.
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
import { inversionRows, learnsEmbedding } from './sd-scripts-inversion.ts'
import { networkModule } from './sd-scripts-network.ts'
import { course, courseOption, decay, ofSteps, optimizer, warmup } from './sd-scripts-optimizer.ts'

/** As its arguments have them, where that is none of ours. */
export const defaults: Settings = {
  network_module: 'networks.lora',
  network_dim: 4,
  network_alpha: 1,
  optimizer_type: '',
  learning_rate: 2e-6,
  lr_scheduler: 'constant',
  lr_scheduler_num_cycles: 1,
  lr_scheduler_power: 1,
  max_train_steps: 1600,
  train_batch_size: 1,
  caption_dropout_rate: 0,
  text_encoder_lr: null,
  seed: null,
  max_grad_norm: 1,
}

const isOn = (value: unknown): boolean => switchOf(value) === true

const path = (ours: string): Row =>
  taking(textOf, (value) =>
    // A hub's name of a model has one slash, and no ending.
    /^[\w.-]+\/[\w.-]+$/.test(value) && !/\.(safetensors|ckpt|pt)$/i.test(value)
      ? {
          set: { [ours]: value },
          differs: because('import-repository', 'It may name a repository on a hub: fetch the model, and give its file.'),
        }
      : { set: { [ours]: value } },
  )

/** The text encoders learn unless it is switched off. */
const textRate: Row = (value, all) => {
  if (isOn(all.network_train_unet_only) || learnsEmbedding(all)) return undefined
  const given = (Array.isArray(value) ? value : [value]).filter((one) => !isOpen(one)).map(numberOf)
  const [first = numberOf(all.learning_rate), second] = given
  return { set: { textRate: first, ...(second === undefined ? {} : { textRate2: second }) } }
}

/** One number, two, or two in one word; pictures keep their shape here, so that the area counts. */
const resolution: Row = (value) => {
  if (isOpen(value)) return undefined
  const sides = (Array.isArray(value) ? value : String(value).split(/[,x]/)).map(numberOf)
  const [width, height = width] = sides
  if (width === undefined || height === undefined || sides.length > 2) return { unknown: true }
  if (width === height) return { set: { resolution: width } }
  return {
    set: { resolution: Math.round(Math.sqrt(width * height)) },
    differs: because('import-area', 'The side of a square of the same area: pictures keep their own shape here.'),
  }
}

const buckets = because('import-buckets', 'Pictures are sorted by their shape here, with sides from half of the resolution to twice of it.')
/** Sides of half and twice the resolution in steps of 64 are what there is here. */
const bucketSide =
  (times: number): Row =>
  (value, all) => {
    const side = numberOf(Array.isArray(all.resolution) ? all.resolution[0] : String(all.resolution).split(',')[0])
    return isOpen(value) || !isOn(all.enable_bucket) || (side !== undefined && numberOf(value) === side * times)
      ? undefined
      : { differs: buckets }
  }

const otherFile: Row = (value) =>
  isOpen(value) ? undefined : { differs: because('import-file', 'It names another file: give that one too.') }
const inEpochs: Row = (value) => (isOpen(value) ? undefined : { differs: byEpochs })
/** What a step is computed in, or where its values lie. */
const elsewhere: Row = (value) =>
  isOpen(value) || switchOf(value) === false
    ? undefined
    : { differs: because('import-memory', 'Memory and speed are seen to in another way here.') }

const joined = (folder: string | undefined, file: string): string =>
  folder === undefined ? file : `${folder.replace(/[\\/]+$/, '')}${folder.includes('/') ? '/' : folder.includes('\\') ? '\\' : '/'}${file}`

const precisions: Readonly<Record<string, string>> = { no: 'fp32', float: 'fp32', fp32: 'fp32', fp16: 'fp16', bf16: 'bf16' }

const beside =
  (name: string, row: Row): Row =>
  (value, all) =>
    isOpen(all[name]) || all[name] === false ? undefined : row(value, all)

export const pictureRows: Rows = {
  image_dir: text('dataset'),
  num_repeats: number('repeats'),
  resolution,
  flip_aug: on('flip'),
  caption_dropout_rate: number('captionDropout'),
  caption_dropout_every_n_epochs: aboveZero('captionDropoutEveryEpochs'),
  caption_tag_dropout_rate: aboveZero('captionTagDropout'),
  shuffle_caption: on('shuffleCaption'),
  keep_tokens: aboveZero('keepTokens'),
  keep_tokens_separator: text('keepTokensSeparator'),
  caption_separator: text('captionSeparator'),
  secondary_separator: text('secondarySeparator'),
  caption_prefix: text('captionPrefix'),
  caption_suffix: text('captionSuffix'),
  token_warmup_min: number('tokenWarmupMin'),
  token_warmup_step: taking(numberOf, (value, all) => (value === 0 ? undefined : ofSteps('tokenWarmupSteps', value, all))),
  caption_extension: taking(textOf, (value) =>
    /^\.?(txt|caption)$/i.test(value)
      ? undefined
      : { differs: because('import-captions', 'Captions are read from .txt and .caption files here.') },
  ),
  caption_extention: ignored,
  class_tokens: taking(textOf, () => ({
    set: { captionPolicy: 'folder-name' },
    differs: because('import-class-tokens', 'A picture without a caption takes the name of its folder here: name the folder so.'),
  })),
  is_reg: ignored,
  alpha_mask: (value) => (isOn(value) ? { set: { maskedLoss: 'alpha' } } : undefined),
  enable_bucket: taking(switchOf, (value) => (value ? undefined : { differs: buckets })),
  min_bucket_reso: bucketSide(0.5),
  max_bucket_reso: bucketSide(2),
  bucket_reso_steps: (value, all) => (numberOf(value) === 64 || !isOn(all.enable_bucket) ? undefined : { differs: buckets }),
  bucket_no_upscale: (value) => (isOn(value) ? { differs: buckets } : undefined),
  batch_size: number('batch'),
  train_batch_size: number('batch'),
  dataset_repeats: number('repeats'),
  color_aug: notHere,
  random_crop: notHere,
  face_crop_aug_range: notHere,
  enable_wildcard: notHere,
  custom_attributes: ignored,
  cache_info: ignored,
  resize_interpolation: notHere,
  network_multiplier: notHere,
  metadata_file: notHere,
  conditioning_data_dir: (value, all) => (isOn(all.masked_loss) ? text('maskFolder')(value, all) : undefined),
  validation_split: aboveZero('heldOut'),
  validation_seed: ignored,
}

export const rows: Rows = {
  ...pictureRows,
  ...inversionRows,
  pretrained_model_name_or_path: path('model'),
  vae: path('vae'),
  v2: ignored,
  v_parameterization: (value) => (isOn(value) ? { set: { prediction: 'v_prediction' } } : undefined),
  clip_skip: taking(numberOf, (value) => (value === 1 ? undefined : { set: { clipSkip: value } })),
  train_data_dir: text('dataset'),
  reg_data_dir: text('classPictures'),
  prior_loss_weight: (value, all) =>
    isOpen(all.reg_data_dir)
      ? undefined
      : taking(numberOf, (weight) => ({ set: { preservation: 'pictures', 'preservationOptions.priorWeight': weight } }))(value, all),
  dataset_config: otherFile,
  config_file: otherFile,
  dataset_class: notHere,
  in_json: notHere,
  max_token_length: ignored,
  network_module: networkModule,
  network_dim: number('rank'),
  network_alpha: number('alpha'),
  network_dropout: aboveZero('dropout'),
  network_weights: text('continue'),
  dim_from_weights: ignored,
  base_weights: notHere,
  base_weights_multiplier: notHere,
  scale_weight_norms: number('maxNorm'),
  network_train_unet_only: ignored,
  network_train_text_encoder_only: (value) => (isOn(value) ? { set: { unetRate: 0 } } : undefined),
  learning_rate: number('lr'),
  unet_lr: (value, all) => (isOn(all.network_train_text_encoder_only) ? undefined : number('unetRate')(value, all)),
  text_encoder_lr: textRate,
  stop_text_encoder_training: aboveZero('textSteps'),
  optimizer_type: optimizer,
  use_8bit_adam: ignored,
  use_lion_optimizer: ignored,
  max_grad_norm: taking(numberOf, (value) => ({ set: { maxGradNorm: value === 0 ? 1e9 : value } })),
  lr_scheduler: course,
  lr_scheduler_type: notHere,
  lr_scheduler_args: notHere,
  lr_warmup_steps: warmup,
  lr_decay_steps: decay,
  lr_scheduler_num_cycles: courseOption('cycles', 'cosine_with_restarts'),
  lr_scheduler_power: courseOption('power', 'polynomial'),
  lr_scheduler_timescale: courseOption('timescale', 'inverse_sqrt'),
  lr_scheduler_min_lr_ratio: number('courseOptions.minimum'),
  max_train_steps: (value, all) => (isOpen(all.max_train_epochs) ? number('steps')(value, all) : undefined),
  max_train_epochs: number('epochs'),
  gradient_accumulation_steps: number('accumulation'),
  gradient_checkpointing: on('recompute'),
  mixed_precision: word('computePrecision', precisions),
  save_precision: word('precision', precisions),
  full_fp16: elsewhere,
  full_bf16: elsewhere,
  fp8_base: elsewhere,
  fp8_base_unet: elsewhere,
  fused_backward_pass: elsewhere,
  cpu_offload_checkpointing: elsewhere,
  deepspeed: elsewhere,
  blocks_to_swap: elsewhere,
  seed: (value) =>
    isOpen(value)
      ? { set: { seed: 0 }, differs: because('import-seed', 'Without a seed each run is another there; here they are alike.') }
      : number('seed')(value, {}),
  output_name: taking(textOf, (name, all) => ({ set: { title: name, out: joined(textOf(all.output_dir), `${name}.safetensors`) } })),
  output_dir: ignored,
  save_model_as: taking(textOf, (value) =>
    value === 'safetensors' ? undefined : { differs: because('import-safetensors', 'Adapters are always .safetensors here.') },
  ),
  save_every_n_steps: number('keepEvery'),
  save_every_n_epochs: inEpochs,
  save_n_epoch_ratio: inEpochs,
  min_snr_gamma: (value, all) =>
    taking(numberOf, (gamma) => (gamma === 0 ? undefined : { set: { lossWeight: 'min-snr', minSnrGamma: gamma } }))(value, all),
  debiased_estimation_loss: (value) => (isOn(value) ? { set: { lossWeight: 'debiased' } } : undefined),
  scale_v_pred_loss_like_noise_pred: (value) => (isOn(value) ? { set: { objective: 'epsilon' } } : undefined),
  v_pred_like_loss: taking(numberOf, (value) =>
    value === 0 ? undefined : { set: { objective: 'epsilon', 'objectiveOptions.vPredLikeLoss': value } },
  ),
  weighted_captions: notHere,
  noise_offset: aboveZero('noiseOffset'),
  noise_offset_random_strength: beside('noise_offset', on('noiseOffsetRandomStrength')),
  adaptive_noise_scale: aboveZero('adaptiveNoiseScale'),
  multires_noise_iterations: aboveZero('multiresNoiseIterations'),
  multires_noise_discount: beside('multires_noise_iterations', number('multiresNoiseDiscount')),
  ip_noise_gamma: aboveZero('ipNoiseGamma'),
  ip_noise_gamma_random_strength: beside('ip_noise_gamma', on('ipNoiseGammaRandomStrength')),
  zero_terminal_snr: on('zeroTerminalSnr'),
  min_timestep: number('minTimestep'),
  max_timestep: number('maxTimestep'),
  loss_type: word('loss', { l2: 'l2', l1: 'l1', huber: 'huber', smooth_l1: 'smooth-l1' }),
  huber_schedule: (value, all) =>
    all.loss_type === 'huber' || all.loss_type === 'smooth_l1' ? text('lossOptions.huberSchedule')(value, all) : undefined,
  huber_c: (value, all) =>
    all.loss_type === 'huber' || all.loss_type === 'smooth_l1' ? number('lossOptions.huberC')(value, all) : undefined,
  huber_scale: (value, all) =>
    all.loss_type === 'huber' || all.loss_type === 'smooth_l1' ? number('lossOptions.huberScale')(value, all) : undefined,
  // By transparency where a set says so.
  masked_loss: (value, all) => (isOn(value) && !isOpen(all.conditioning_data_dir) ? { set: { maskedLoss: 'folder' } } : undefined),
  validate_every_n_steps: number('validateEvery'),
  validate_every_n_epochs: inEpochs,
  max_validation_steps: ignored,
  ...Object.fromEntries(
    (
      'sample_every_n_steps sample_every_n_epochs sample_at_first sample_prompts sample_sampler xformers sdpa mem_eff_attn torch_compile ' +
      'dynamo_backend cache_latents cache_latents_to_disk cache_text_encoder_outputs cache_text_encoder_outputs_to_disk text_encoder_batch_size ' +
      'vae_batch_size skip_cache_check no_half_vae max_data_loader_n_workers persistent_data_loader_workers lowram highvram logging_dir log_with ' +
      'log_prefix log_tracker_name log_tracker_config log_config wandb_run_name wandb_api_key console_log_level console_log_file ' +
      'console_log_simple huggingface_repo_id huggingface_repo_type huggingface_path_in_repo huggingface_token huggingface_repo_visibility ' +
      'save_state_to_huggingface resume_from_huggingface async_upload save_last_n_epochs save_last_n_epochs_state save_last_n_steps ' +
      'save_last_n_steps_state save_state save_state_on_train_end resume debug_dataset output_config no_metadata training_comment ' +
      'tokenizer_cache_dir disable_mmap_load_safetensors ddp_timeout ddp_gradient_as_bucket_view ddp_static_graph initial_epoch initial_step ' +
      'skip_until_initial_step weighting_scheme use_safetensors'
    )
      .split(' ')
      .map((name) => [name, ignored]),
  ),
}
