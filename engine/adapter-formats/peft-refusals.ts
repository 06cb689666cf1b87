// What a PEFT config can ask for that is not the base's weights + ΔW of low-rank pairs: each is refused by name, with the way out. Read without
// it, such an adapter would draw other pictures than in PEFT, and nothing would tell. Reference: peft tuners/lora/{config,layer,variants}.py.
import { variants } from '../adapters/variants/index.ts'
import { PigmentError } from '../requests/error.ts'

type Fields = Readonly<Record<string, unknown>>

const wholeModel = 'Merge it into its model in PEFT (merge_and_unload), and open the whole model here.'

/** Starts that PEFT subtracts from the base's weights: ΔW is then relative to a base that nobody has but PEFT. */
const changedBase: readonly (readonly [start: RegExp, name: string])[] = [
  // By random vectors that nobody kept.
  [/^pissa_niter/, 'fast PiSSA'],
  [/^corda/, 'CorDA'],
  [/^lora_ga$/, 'LoRA-GA'],
]
/** Starts whose first ΔW is zero, with the base as it was. */
const unchangedBase = ['true', 'false', 'gaussian', 'eva', 'orthogonal', 'mica']

/** Starts that were taken out of the weights in a way that these tell: of pairs alone. */
const startsKnown = new Set(['olora', 'pissa'])

/** Fields that change the mathematics wherever they are set. */
const others: readonly (readonly [field: string, what: string])[] = [
  ['trainable_token_indices', 'new embeddings for some tokens (trainable_token_indices)'],
  ['layer_replication', 'layers of the model in several copies (layer_replication)'],
  ['target_parameters', 'parameters that are no layers (target_parameters)'],
  ['alora_invocation_tokens', 'an adapter that begins at certain words (alora_invocation_tokens)'],
  ['use_qalora', 'inputs that are pooled (use_qalora)'],
  ['use_bdlora', 'matrices in blocks (use_bdlora)'],
  ['arrow_config', 'a choice among several adapters (arrow_config)'],
  ['kasa_config', 'a base without its smallest singular values (kasa_config)'],
  ['monteclora_config', 'matrices drawn at random (monteclora_config)'],
  ['fan_in_fan_out', 'weights that are stored transposed (fan_in_fan_out)'],
]

/** Throws `adapter-unsupported` for a config whose adapter is more or other than its low-rank pairs. */
export function refuseOtherMathematics(config: Fields, path: string, ownNames: readonly string[]): void {
  const refuse = (what: string, wayOut: string, facts: Fields): never => {
    throw new PigmentError('adapter-unsupported', `"${path}" ${what} ${wayOut}`, { path, ...facts })
  }
  const { peft_type: type, init_lora_weights: start } = config
  if (typeof type === 'string' && !variants.some(({ peft }) => peft?.type === type))
    refuse(
      `is a PEFT adapter of type ${type.slice(0, 40)}, which is not supported.`,
      `Use an adapter of plain low-rank (LoRA) pairs. ${wholeModel}`,
      { type: type.slice(0, 40) },
    )
  if (typeof start === 'string' && startsKnown.has(start.toLowerCase())) refuseBeside(start, config, refuse)
  else if (start !== undefined && start !== null) refuseStart(typeof start === 'string' ? start : JSON.stringify(start), refuse)
  refuseWithoutOwn(config, ownNames, refuse)
  for (const [field, what] of others) {
    const value = config[field]
    if (value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0)) continue
    const named =
      Array.isArray(value) && value.every((one) => typeof one === 'string') ? `: ${value.slice(0, 3).join(', ').slice(0, 200)}` : ''
    refuse(`has ${what}${named}, which is not supported, and its pairs alone are another adapter.`, wholeModel, { field })
  }
}

/** What replaces the model's own weights and biases is read where it is in the file. */
function refuseWithoutOwn(
  { bias, modules_to_save: saved }: Fields,
  ownNames: readonly string[],
  refuse: (what: string, wayOut: string, facts: Fields) => never,
): void {
  if (typeof bias === 'string' && bias !== 'none' && !ownNames.some((name) => name.endsWith('.bias')))
    refuse(
      `was trained with bias="${bias.slice(0, 40)}", and none of the biases that this puts in place of the model's is in the file: its pairs alone are another adapter.`,
      `${wholeModel} Or save it again where it was trained.`,
      { field: 'bias' },
    )
  if (saved === undefined || saved === null || saved === false) return
  const wanted = Array.isArray(saved) ? saved : [saved]
  const missing = wanted.filter((one) => typeof one !== 'string' || !ownNames.some((name) => `.${name}`.includes(`${one}.`)))
  if (missing.length > 0)
    refuse(
      `has whole modules in place of the model’s (modules_to_save), of which these are not in the file: ${missing.slice(0, 3).map(String).join(', ').slice(0, 200)}. Its pairs alone are another adapter.`,
      `${wholeModel} Or save it again where it was trained.`,
      { field: 'modules_to_save' },
    )
}

/** A start that is known of pairs, where the adapter is more than pairs. */
function refuseBeside(start: string, config: Fields, refuse: (what: string, wayOut: string, facts: Fields) => never): void {
  for (const field of ['use_dora', 'lora_bias'])
    if (config[field] === true)
      refuse(`was begun with "${start}" and has ${field} too, which is not supported together.`, wholeModel, { field })
}

function refuseStart(start: string, refuse: (what: string, wayOut: string, facts: Fields) => never): void {
  const name = changedBase.find(([sign]) => sign.test(start.toLowerCase()))?.[1]
  if (name !== undefined)
    refuse(
      `was begun with ${name}, for which PEFT took the first pairs out of the model's weights: on the model itself the file is another adapter.`,
      `${wholeModel} Or convert it where it was trained, with save_pretrained(…, path_initial_model_for_weight_conversion=…): that gives an ordinary LoRA of twice the rank.`,
      { field: 'init_lora_weights', start: name },
    )
  if (start.toLowerCase() === 'loftq')
    refuse(
      'was begun with LoftQ: it makes up for the rounding of a quantised model, which is not the one that is opened here.',
      wholeModel,
      { field: 'init_lora_weights', start: 'LoftQ' },
    )
  if (!unchangedBase.includes(start.toLowerCase()))
    refuse(
      `was begun with "${start.slice(0, 40)}" (init_lora_weights), of which it is not known whether it changes the model's weights.`,
      wholeModel,
      { field: 'init_lora_weights', start: start.slice(0, 40) },
    )
}
