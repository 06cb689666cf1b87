// Configurations of OneTrainer as later versions call them. Reference: TrainConfig.__migration_0 to __migration_10, as far as they rename.
type Json = Readonly<Record<string, unknown>>
type Migration = (config: Json) => Json

export const newest = 11

const tableOf = (config: Json, part: string): Json =>
  typeof config[part] === 'object' && config[part] !== null ? (config[part] as Json) : {}

/** Takes keys out, and puts what is made of them in. */
function moved(config: Json, names: readonly string[], put: (taken: Json) => Json): Json {
  const rest = Object.fromEntries(Object.entries(config).filter(([key]) => !names.includes(key)))
  const taken = Object.fromEntries(names.flatMap((key) => (key in config ? [[key, config[key]] as const] : [])))
  return { ...rest, ...put(taken) }
}

const renamed =
  (names: Readonly<Record<string, string>>): Migration =>
  (config) =>
    Object.fromEntries(Object.entries(config).map(([key, value]) => [names[key] ?? key, value]))

/** Options of the parts of a model once stood beside each other. */
const partKeys = (part: string): Readonly<Record<string, string>> => ({
  [`train_${part}`]: 'train',
  [`train_${part}_epochs`]: 'stop_training_after',
  [`${part}_learning_rate`]: 'learning_rate',
  [`${part}_weight_dtype`]: 'weight_dtype',
})

const migrations: readonly Migration[] = [
  // 0: the optimizer's own options.
  (config) =>
    typeof config.optimizer === 'object'
      ? config
      : moved(
          config,
          Object.keys(config).filter((key) => /^optimizer(_(?!defaults)|$)/.test(key)),
          (taken) => ({
            ...(Object.keys(taken).length > 0
              ? {
                  optimizer: Object.fromEntries(
                    Object.entries(taken).map(([key, value]) => [key === 'optimizer' ? key : key.replace(/^optimizer_/, ''), value]),
                  ),
                }
              : {}),
          }),
        ),
  // 1: those of the parts.
  (config) =>
    ['unet', 'text_encoder', 'text_encoder_2', 'vae', 'prior'].reduce<Json>((before, part) => {
      const names = partKeys(part)
      return moved(before, Object.keys(names), (taken) => {
        const own = Object.fromEntries(Object.entries(taken).map(([key, value]) => [names[key] ?? key, value]))
        const unit = 'stop_training_after' in own ? { stop_training_after_unit: 'EPOCH' } : {}
        return Object.keys(own).length > 0 ? { [part]: { ...tableOf(before, part), ...own, ...unit } } : {}
      })
    }, config),
  (config) =>
    moved(config, ['min_snr_gamma'], ({ min_snr_gamma: gamma }) =>
      gamma ? { loss_weight_fn: 'MIN_SNR_GAMMA', loss_weight_strength: gamma } : {},
    ),
  (config) =>
    moved(config, ['noising_weight', 'noising_bias'], ({ noising_weight: weight, noising_bias: bias }) =>
      weight
        ? { timestep_distribution: 'SIGMOID', noising_weight: weight, noising_bias: Number(bias ?? 0.5) - 0.5 }
        : { timestep_distribution: 'UNIFORM' },
    ),
  (config) =>
    moved(config, ['gradient_checkpointing'], ({ gradient_checkpointing: on = true }) => ({ gradient_checkpointing: on ? 'ON' : 'OFF' })),
  renamed({ save_after: 'save_every', save_after_unit: 'save_every_unit' }),
  (config) => (config.lora_layer_preset === null ? { ...config, lora_layer_preset: 'full' } : config),
  renamed({ lora_layers: 'layer_filter', lora_layer_preset: 'layer_filter_preset', lora_layers_regex: 'layer_filter_regex' }),
  // 8 and 9: parts of other families, and how weights are kept.
  (config) => config,
  (config) => moved(config, ['weight_dtype'], () => ({})),
  // 10: by part, and what the memory of one device does not hold.
  (config) =>
    moved(
      config,
      ['gradient_checkpointing', 'enable_activation_offloading', 'layer_offload_fraction', 'enable_async_offloading'],
      ({ gradient_checkpointing: on }) => ({
        ...(on === undefined ? {} : { unet: { ...tableOf(config, 'unet'), gradient_checkpointing: on !== 'OFF' } }),
      }),
    ),
]

/** As the newest version has it. */
export const migrated = (config: Json, version: number): Json =>
  migrations.slice(version).reduce((before, migrate) => migrate(before), config)
