// CLIPTextModel and CLIPTextModelWithProjection as a list of modules.
import type { ClipTextConfig } from '../../checkpoint/config.ts'
import { linear, norm, type ModuleShape } from './modules.ts'

/** Every module that a text encoder of this configuration has, with the shape of its weight. */
export function clipModules(config: ClipTextConfig): ModuleShape[] {
  const D = config.width
  const embedding = (name: string, rows: number): ModuleShape => linear(`text_model.embeddings.${name}`, rows, D, false)
  const modules = [embedding('token_embedding', config.vocabSize), embedding('position_embedding', config.positions)]
  for (let n = 0; n < config.layers; n++) modules.push(...layer(`text_model.encoder.layers.${n}`, D, config.mlpWidth))
  modules.push(norm('text_model.final_layer_norm', D))
  if (config.projection !== undefined) modules.push(linear('text_projection', config.projection, D, false))
  return modules
}

function layer(path: string, D: number, mlp: number): ModuleShape[] {
  const attention = ['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((name) => linear(`${path}.self_attn.${name}`, D, D))
  return [
    norm(`${path}.layer_norm1`, D),
    ...attention,
    norm(`${path}.layer_norm2`, D),
    linear(`${path}.mlp.fc1`, mlp, D),
    linear(`${path}.mlp.fc2`, D, mlp),
  ]
}
