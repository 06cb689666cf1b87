// Rules between the fields of a training request: each throws where they do not fit together.
import { choices } from './choices.ts'
import { refuseEpsilon } from './models/zero-terminal-snr.ts'
import { chosenOf } from './requests/own-options.ts'
import { mostSteps, refuseTwoDurations } from './requests/duration-fields.ts'
import { trainRequest, type TrainRequest } from './requests/train.ts'
import { lossOf } from './training/losses/loss.ts'
import { layerRules } from './training/layer-choice.ts'
import { noisesOf } from './training/noises/noise.ts'
import { objectiveOf } from './training/objectives/objective.ts'
import { courseOf } from './training/courses/course.ts'
import { maxNormRules } from './training/max-norm.ts'
import { optimizerOf } from './training/optimizers/optimizer.ts'
import { maskingOf } from './training/masks/mask.ts'
import { methodOf } from './training/methods/method.ts'
import { startRules } from './training/pair-start.ts'
import { preservationOf } from './training/preservations/preservation.ts'
import { timestepDrawOf } from './training/timestep-draws/timestep-draw.ts'
import { triggerOf } from './training/trigger-vectors.ts'
import { memberShape } from './training/variant-of-request.ts'
import { splitRules } from './training/watching/split.ts'

type Form = Omit<TrainRequest, 'dataset'>

/** Fields whose choice is asked for, with its options, by a rule of their own. */
const asked = ['method', 'optimizer', 'preservation', 'course', 'loss', 'objective', 'maskedLoss', 'timestepDraw']

const rules: readonly ((form: Form, continued?: boolean) => void)[] = [
  ({ epochs, minutes }) => refuseTwoDurations({ epochs, minutes }),
  (form) => void memberShape(form),
  (form) => layerRules(form),
  (form, continued) => startRules(form, continued),
  (form, continued) => void methodOf(form, continued),
  (form) => void optimizerOf(form),
  (form) => void preservationOf(form),
  (form) => void (form.zeroTerminalSnr && refuseEpsilon(form.prediction)),
  (form) => void courseOf(form),
  (form) => maxNormRules(form),
  (form) => void lossOf(form),
  (form) => void objectiveOf(form),
  (form) => void maskingOf(form),
  (form) => void noisesOf(form),
  (form) => void timestepDrawOf(form),
  (form) => splitRules(form),
  (form) => void triggerOf(form),
  ...Object.entries(choices).flatMap(([field, all]) =>
    Object.hasOwn(trainRequest.shape, field) && !asked.includes(field)
      ? (form: Form) => void chosenOf({ field, choices: all, request: trainRequest }, form as Readonly<Record<string, unknown>>)
      : [],
  ),
]

/** How many steps epochs are is known once the pictures are: until then there are as many as it takes. */
const atLeast = (form: Form): Form => (form.epochs === undefined && form.minutes === undefined ? form : { ...form, steps: mostSteps })

/**
 * `continued`: from an adapter. Throw `duration-twice`, `members-rank`, `members-variant`, `continue-method`, `optimizer-rates`, what `layerRules`, `startRules`, `splitRules`, a method, an optimizer or a way of preserving throws; for each field that chooses `<field>-options`, `<field>-option-unknown`, `<field>-option-invalid`, in kebab-case.
 */
export const trainingRules = rules.map(
  (rule) =>
    (form: Form, continued?: boolean): void =>
      rule(atLeast(form), continued),
)
