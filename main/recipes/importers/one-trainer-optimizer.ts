// Optimizers of OneTrainer. Reference: modules/util/create.py, modules/util/optimizer_util.py.
import { because } from '../../../engine/requests/reason.ts'
import { ignored, isOpen, notHere, number, numberOf, on, switchOf, taking, textOf, type Row, type Rows } from '../mapping.ts'

const isOn = (value: unknown): boolean => switchOf(value) === true

const optimizers: Readonly<Record<string, { readonly ours: string; readonly near?: true }>> = {
  ADAMW: { ours: 'adamw' },
  ADAMW_8BIT: { ours: 'adamw-8bit' },
  ADAM: { ours: 'adamw', near: true },
  ADAM_8BIT: { ours: 'adamw-8bit', near: true },
  ADAMW_ADV: { ours: 'adamw', near: true },
  LION: { ours: 'lion' },
  LION_8BIT: { ours: 'lion-8bit' },
  SGD: { ours: 'sgd' },
  SCHEDULE_FREE_ADAMW: { ours: 'schedule-free' },
  PRODIGY: { ours: 'prodigy' },
  PRODIGY_ADV: { ours: 'prodigy', near: true },
  PRODIGY_PLUS_SCHEDULE_FREE: { ours: 'prodigy', near: true },
  ADAFACTOR: { ours: 'adafactor' },
  MUON: { ours: 'muon' },
}
/** Of their table of usual options (modules/util/optimizer_util.py), where a file says nothing. */
const decays: Readonly<Record<string, number>> = { ADAMW: 0.01, ADAMW_8BIT: 0.01, SCHEDULE_FREE_ADAMW: 0.01 }

const optimizer: Row = taking(textOf, (name, all) => {
  const known = optimizers[name]
  const decay = isOpen(all['optimizer.weight_decay']) ? { weightDecay: decays[name] ?? 0 } : {}
  const momentum = name === 'SGD' && isOpen(all['optimizer.momentum']) ? { 'optimizerOptions.momentum': 0 } : {}
  if (known && !known.near) return { set: { optimizer: known.ours, ...decay, ...momentum } }
  const near = because('import-optimizer', 'This optimizer is not here; what stands in its place comes nearest.')
  return { set: { optimizer: known?.ours ?? 'adamw', ...decay }, differs: near }
})

const usually =
  (ours: string): Row =>
  (value, all) =>
    isOpen(value) ? undefined : number(ours)(value, all)
/** A switch whose place in the file says nothing while it is off, as all of them are listed for every optimizer. */
const switched =
  (ours: string): Row =>
  (value, all) =>
    isOn(value) ? on(ours)(value, all) : undefined

/** Of optimizers that are not here, of kernels, and of how their numbers lie. */
const others =
  'adam_w_mode alpha bias_correction block_wise capturable centered differentiable foreach fsdp_in_use fused fused_back_pass ' +
  'initial_accumulator_value initial_accumulator is_paged log_every lr_decay max_unorm maximize min_8bit_size quant_block_size no_prox optim_bits ' +
  'percentile_clipping stochastic_rounding use_triton decoupled_decay fixed_decay rectify degenerated_to_sgd k xi n_sma_threshold ams_bound adanorm ' +
  'adam_debias slice_p weight_decay_by_lr prodigy_steps use_speed split_groups split_groups_mean factored factored_fp32 use_stableadamw d_limiter ' +
  'use_schedulefree nnmf_factor orthogonal_gradient use_atan2 beta3_ema alpha_grad beta1_warmup min_beta1 Simplified_AdEMAMix kourkoutas_beta ' +
  'schedulefree_c ns_steps MuonWithAuxAdam muon_hidden_layers muon_adam_regex muon_adam_lr muon_te1_adam_lr muon_te2_adam_lr muon_adam_config ' +
  'rms_rescaling normuon_variant beta2_normuon low_rank_ortho ortho_rank accelerated_ns cautious_wd approx_mars auto_kappa_p compile __version'

export const optimizerRows: Rows = {
  ...Object.fromEntries(others.split(' ').map((name) => [`optimizer.${name}`, ignored])),
  'optimizer.optimizer': optimizer,
  'optimizer.beta1': usually('optimizerOptions.beta1'),
  'optimizer.beta2': usually('optimizerOptions.beta2'),
  'optimizer.beta3': usually('optimizerOptions.beta3'),
  'optimizer.eps': usually('optimizerOptions.eps'),
  'optimizer.eps2': usually('optimizerOptions.leastScale'),
  'optimizer.weight_decay': usually('weightDecay'),
  'optimizer.momentum': usually('optimizerOptions.momentum'),
  'optimizer.dampening': usually('optimizerOptions.dampening'),
  'optimizer.nesterov': switched('optimizerOptions.nesterov'),
  'optimizer.d0': usually('optimizerOptions.d0'),
  'optimizer.d_coef': usually('optimizerOptions.dCoef'),
  'optimizer.growth_rate': (value, all) =>
    numberOf(value) === undefined || /inf/i.test(String(value)) ? undefined : usually('optimizerOptions.growthRate')(value, all),
  'optimizer.use_bias_correction': switched('optimizerOptions.useBiasCorrection'),
  'optimizer.safeguard_warmup': switched('optimizerOptions.safeguardWarmup'),
  'optimizer.decouple': (value, all) =>
    all['optimizer.optimizer'] === 'PRODIGY' ? on('optimizerOptions.decouple')(value, all) : undefined,
  'optimizer.clip_threshold': usually('optimizerOptions.clipThreshold'),
  'optimizer.decay_rate': usually('optimizerOptions.decayRate'),
  'optimizer.scale_parameter': switched('optimizerOptions.scaleParameter'),
  'optimizer.relative_step': switched('optimizerOptions.relativeStep'),
  'optimizer.warmup_init': switched('optimizerOptions.warmupInit'),
  'optimizer.r': usually('optimizerOptions.r'),
  'optimizer.weight_lr_power': usually('optimizerOptions.weightLrPower'),
  ...Object.fromEntries(
    ['amsgrad', 'cautious', 'use_cautious', 'use_grams', 'use_adopt', 'use_orthograd', 'use_AdEMAMix'].map((name) => [
      `optimizer.${name}`,
      notHere,
    ]),
  ),
}
