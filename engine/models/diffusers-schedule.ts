// The noise schedule of a scheduler_config.json. Which sampler it names is a preference: the schedule is the same for all that are known here.
import type { Prediction, ScheduleConfig, TimestepSpacing } from '../checkpoint/config.ts'
import { requireSettings, type Requirements } from './diffusers-requirements.ts'
import type { ModelFamily } from './family.ts'
import type { JsonSettings } from './json-settings.ts'
import { because, type Reason } from '../requests/reason.ts'
import { unsupported } from './refusals.ts'

/** The noise schedule of scheduler_config.json; `usual` stands in for what it leaves out. */
export function scheduleWithSettings(
  trained: ScheduleConfig,
  settings: JsonSettings,
  { schedulerAsStated }: ModelFamily,
  chosen?: Prediction,
): ScheduleConfig {
  refuseOtherSchedulers(settings)
  const usual = { ...trained, ...classDefaults(settings.string('_class_name')) }
  requireSettings(settings, scheduleRequirements)
  // diffusers overrules two leftovers of the first published folders, in some pipelines only.
  const clips = schedulerAsStated && settings.boolean('clip_sample') === true
  const spacing = settings.string('timestep_spacing') ?? usual.timestepSpacing
  return {
    trainSteps: settings.whole('num_train_timesteps') ?? usual.trainSteps,
    betaStart: settings.number('beta_start') ?? usual.betaStart,
    betaEnd: settings.number('beta_end') ?? usual.betaEnd,
    betaSchedule: (settings.string('beta_schedule') as ScheduleConfig['betaSchedule'] | undefined) ?? usual.betaSchedule,
    prediction: chosen ?? (settings.string('prediction_type') === 'v_prediction' ? 'v_prediction' : 'epsilon'),
    timestepSpacing: spacing as TimestepSpacing | undefined,
    stepsOffset: schedulerAsStated ? (settings.number('steps_offset') ?? usual.stepsOffset) : 1,
    zeroTerminalSnr: settings.boolean('rescale_betas_zero_snr') ?? usual.zeroTerminalSnr,
    setAlphaToOne: settings.boolean('set_alpha_to_one') ?? usual.setAlphaToOne,
    ...(settings.boolean('use_karras_sigmas') ? { karrasSigmas: true as const } : {}),
    ...(clips ? { clipSample: settings.number('clip_sample_range') ?? 1 } : {}),
  }
}

/** What a scheduler of diffusers takes where its file leaves it out. */
function classDefaults(name: string | undefined): Partial<ScheduleConfig> {
  // IPNDM has a schedule of its own, and is named in files that state another one.
  if (name === undefined || /IPNDM/.test(name)) return {}
  const heun = /Heun|KDPM2|SolverSDE/.test(name)
  return {
    betaStart: heun ? 0.00085 : 0.0001,
    betaEnd: heun ? 0.012 : 0.02,
    betaSchedule: 'linear',
    stepsOffset: 0,
    setAlphaToOne: /DDIM/.test(name),
  }
}

/** Options of the solvers that are here too, with the value at which these compute as diffusers does. */
const solverOptions: readonly (readonly [field: string, computed: unknown, of: RegExp])[] = [
  ['final_sigmas_type', 'zero', /./],
  ['solver_order', 2, /DPMSolverMultistep/],
  ['algorithm_type', 'dpmsolver++', /DPMSolverMultistep/],
  ['solver_type', 'midpoint', /DPMSolverMultistep/],
  ['euler_at_final', false, /DPMSolverMultistep/],
  ['lower_order_final', true, /DPMSolverMultistep/],
  ['lambda_min_clipped', undefined, /DPMSolverMultistep/],
]

/** What of a scheduler_config.json the samplers do not follow: their names say what they compute. */
export function ignoredOptions(settings: JsonSettings): Reason[] {
  const name = settings.string('_class_name') ?? ''
  const ignored = solverOptions.filter(
    ([field, computed, of]) => of.test(name) && settings.isSet(field) && settings.fields[field] !== computed,
  )
  if (ignored.length === 0) return []
  const options = ignored.map(([field]) => `${field}: ${JSON.stringify(settings.fields[field])}`).join(', ')
  return [because('scheduler-options', 'The samplers here do not follow these options of its scheduler: {options}.', { options })]
}

/** diffusers' schedulers over the noise schedule of Stable Diffusion. */
const known =
  /^(Flax)?(DDIM|DDIMParallel|DDPM|DDPMParallel|PNDM|LMSDiscrete|EulerDiscrete|EulerAncestralDiscrete|HeunDiscrete|KDPM2Discrete|KDPM2AncestralDiscrete|DPMSolverMultistep|DPMSolverSinglestep|DPMSolverSDE|DEISMultistep|UniPCMultistep|SASolver|IPNDM)Scheduler$/

const others: readonly { readonly sign: RegExp; readonly kind: string; readonly what: string }[] = [
  { sign: /^(LCM|TCD)/, kind: 'latent-consistency', what: 'is of a model that was distilled to a few steps (latent consistency)' },
  { sign: /FlowMatch/, kind: 'flow-matching', what: 'is of a model that was trained with flow matching' },
  { sign: /^EDM/, kind: 'edm', what: 'is of a model that was trained as Karras et al. 2022 do (EDM)' },
  { sign: /^/, kind: 'scheduler', what: 'is not known here' },
]

function refuseOtherSchedulers(settings: JsonSettings): void {
  const name = settings.string('_class_name')
  const flow = settings.string('prediction_type') === 'flow_prediction' || settings.boolean('use_flow_sigmas') === true
  const found = flow ? 'FlowMatch' : name === undefined || known.test(name) ? undefined : name
  const other = found === undefined ? undefined : others.find(({ sign }) => sign.test(found))
  if (!other) return
  const shown = name === undefined ? 'Its scheduler' : `Its scheduler "${name}"`
  throw unsupported(
    settings.path,
    other.kind,
    `cannot be followed. ${shown} ${other.what}, and the samplers of Pigment would draw nonsense. Open the checkpoint of Stable Diffusion that it comes from, or name another scheduler_config.json (--scheduler) if you know that it fits.`,
    { field: '_class_name', got: name ?? '' },
  )
}

const scheduleRequirements: Requirements = {
  beta_schedule: ['scaled_linear', 'linear'],
  prediction_type: ['epsilon', 'v_prediction'],
  sigma_data: [],
  sigma_max: [],
  sigma_min: [],
  thresholding: [false],
  interpolation_type: ['linear'],
  timestep_spacing: ['leading', 'trailing', 'linspace'],
  timestep_type: ['discrete'],
  trained_betas: [],
  use_beta_sigmas: [false],
  use_exponential_sigmas: [false],
  use_lu_lambdas: [false],
}
