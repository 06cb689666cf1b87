// Optimizers and courses of sd-scripts. Reference: library/train_util.py get_optimizer, get_scheduler_fix.
import { because } from '../../../engine/requests/reason.ts'
import {
  byEpochs,
  ignored,
  isOpen,
  notHere,
  number,
  numberOf,
  on,
  taking,
  textOf,
  type Row,
  type Rows,
  type Settings,
  type Taken,
} from '../mapping.ts'
import { pairsOf } from './sd-scripts-network.ts'

interface Known {
  readonly ours: string
  /** Their libraries' own, where none is told. */
  readonly weightDecay: number
  readonly near?: true
  readonly also?: Readonly<Record<string, unknown>>
}
const known: Readonly<Record<string, Known>> = {
  adamw: { ours: 'adamw', weightDecay: 0.01 },
  adamw8bit: { ours: 'adamw-8bit', weightDecay: 0.01 },
  pagedadamw: { ours: 'paged-adamw', weightDecay: 0.01 },
  pagedadamw32bit: { ours: 'paged-adamw', weightDecay: 0.01 },
  pagedadamw8bit: { ours: 'paged-adamw-8bit', weightDecay: 0.01 },
  lion: { ours: 'lion', weightDecay: 0 },
  lion8bit: { ours: 'lion-8bit', weightDecay: 0 },
  pagedlion8bit: { ours: 'lion-8bit', weightDecay: 0 },
  sgdnesterov: { ours: 'sgd', weightDecay: 0, also: { 'optimizerOptions.nesterov': true } },
  sgdnesterov8bit: { ours: 'sgd', weightDecay: 0, also: { 'optimizerOptions.nesterov': true }, near: true },
  prodigy: { ours: 'prodigy', weightDecay: 0 },
  // sd-scripts switches the relative step on, and scales by the size of the weights, unless it is told otherwise.
  adafactor: { ours: 'adafactor', weightDecay: 0 },
  adamwschedulefree: { ours: 'schedule-free', weightDecay: 0 },
  'schedulefree.adamwschedulefree': { ours: 'schedule-free', weightDecay: 0 },
  'prodigyopt.prodigy': { ours: 'prodigy', weightDecay: 0 },
}
const prodigyLike = /^(dadapt|prodigyplus|prodigy)/

export function optimizerName(all: Settings): string {
  const told = (textOf(all.optimizer_type) ?? '').toLowerCase()
  if (told !== '') return told
  return all.use_8bit_adam === true ? 'adamw8bit' : all.use_lion_optimizer === true ? 'lion' : 'adamw'
}

const find = (all: Settings): Known | undefined => {
  const name = optimizerName(all)
  return known[name] ?? (prodigyLike.test(name) ? { ours: 'prodigy', weightDecay: 0, near: true } : undefined)
}

/** With the weight decay of their library where none is told: ours is another. */
export const optimizer: Row = (_value, all) => {
  const found = find(all)
  const near = because('import-optimizer', 'This optimizer is not here; what stands in its place comes nearest.')
  if (!found) return { set: { optimizer: 'adamw' }, differs: near }
  const args = pairsOf(all.optimizer_args)
  const scaled =
    found.ours === 'adafactor'
      ? {
          'optimizerOptions.relativeStep': (args.relative_step ?? 'True') === 'True',
          'optimizerOptions.scaleParameter': (args.scale_parameter ?? 'True') === 'True',
          'optimizerOptions.warmupInit': (args.warmup_init ?? 'False') === 'True',
        }
      : {}
  return {
    set: {
      optimizer: found.ours,
      ...(args.weight_decay === undefined ? { weightDecay: found.weightDecay } : {}),
      ...scaled,
      ...found.also,
    },
    ...(found.near ? { differs: near } : {}),
  }
}

const inAdafactor =
  (row: Row): Row =>
  (value, all) =>
    find(all)?.ours === 'adafactor' ? undefined : row(value, all)

export const optimizerRows: Rows = {
  weight_decay: number('weightDecay'),
  betas: taking(textOf, (text) => {
    const values = text
      .replace(/[()[\]\s]/g, '')
      .split(',')
      .map(Number)
    if (values.some((one) => !Number.isFinite(one))) return { unknown: true }
    return {
      set: {
        'optimizerOptions.beta1': values[0],
        'optimizerOptions.beta2': values[1],
        ...(values.length > 2 ? { 'optimizerOptions.beta3': values[2] } : {}),
      },
    }
  }),
  beta1: number('optimizerOptions.beta1'),
  beta2: number('optimizerOptions.beta2'),
  beta3: number('optimizerOptions.beta3'),
  eps: (value, all) => (find(all)?.ours === 'adafactor' ? notHere(value, all) : number('optimizerOptions.eps')(value, all)),
  d_coef: number('optimizerOptions.dCoef'),
  d0: number('optimizerOptions.d0'),
  growth_rate: taking(textOf, (text) => (/inf/i.test(text) ? undefined : { set: { 'optimizerOptions.growthRate': numberOf(text) } })),
  use_bias_correction: on('optimizerOptions.useBiasCorrection'),
  safeguard_warmup: on('optimizerOptions.safeguardWarmup'),
  decouple: on('optimizerOptions.decouple'),
  momentum: number('optimizerOptions.momentum'),
  dampening: number('optimizerOptions.dampening'),
  nesterov: on('optimizerOptions.nesterov'),
  clip_threshold: number('optimizerOptions.clipThreshold'),
  decay_rate: number('optimizerOptions.decayRate'),
  r: number('optimizerOptions.r'),
  weight_lr_power: number('optimizerOptions.weightLrPower'),
  // Told with the optimizer.
  relative_step: inAdafactor(notHere),
  scale_parameter: inAdafactor(notHere),
  warmup_init: inAdafactor(notHere),
  block_wise: ignored,
  percentile_clipping: notHere,
  amsgrad: notHere,
}

const courses: Readonly<Record<string, string>> = {
  constant: 'constant',
  constant_with_warmup: 'constant',
  linear: 'linear',
  cosine: 'cosine',
  cosine_with_restarts: 'cosine-restarts',
  cosine_with_min_lr: 'cosine-min',
  polynomial: 'polynomial',
  inverse_sqrt: 'inverse-sqrt',
  warmup_stable_decay: 'warmup-stable-decay',
}
export const course: Row = taking(textOf, (name, all) => {
  // Such optimizers have their own there, and sd-scripts uses none beside.
  if (find(all)?.ours === 'schedule-free') return { set: { course: 'constant' } }
  const own = courses[name]
  return own === undefined ? { unknown: true } : { set: { course: own } }
})

/** A share of the run below 1; none where the course is constant without it. */
export const warmup: Row = taking(numberOf, (value, all) => {
  if ((all.lr_scheduler === 'constant' || all.lr_scheduler === undefined) && value > 0)
    return {
      set: { warmup: 0 },
      differs: because('import-constant', 'With the course "constant" there is no warm-up there, whatever is told.'),
    }
  return ofSteps('warmup', value, all)
})

/** Steps, or below 1 a share of the run, which cannot be told where that is one of epochs. */
export function ofSteps(ours: string, value: number, all: Settings): Taken {
  if (value >= 1 || value === 0) return { set: { [ours]: value } }
  return isOpen(all.max_train_epochs)
    ? { set: { [ours]: Math.round(value * (numberOf(all.max_train_steps) ?? 0)) } }
    : { differs: byEpochs }
}

/** Steps, or a share of them, in which the rate falls at the end. */
export const decay: Row = taking(numberOf, (value, all) =>
  value === 0 || all.lr_scheduler !== 'warmup_stable_decay' ? undefined : ofSteps('courseOptions.decaySteps', value, all),
)

export const courseOption =
  (option: string, name: string): Row =>
  (value, all) =>
    all.lr_scheduler === name ? taking(numberOf, (own) => ({ set: { [`courseOptions.${option}`]: own } }))(value, all) : undefined
