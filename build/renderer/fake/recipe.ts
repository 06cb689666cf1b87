// Recipes in the fake studio: whatever is dropped is the same configuration of sd-scripts, read as the real one reads it.
import { importRecipe } from '../../../main/recipes/import-recipe.ts'
import type { Handlers } from './handlers.ts'

const config = `pretrained_model_name_or_path = "/models/sd_xl_base_1.0.safetensors"
train_data_dir = "/pictures/ink"
output_name = "ink"
network_module = "networks.lora"
network_dim = 32
network_alpha = 16
learning_rate = 1e-4
optimizer_type = "DAdaptAdam"
lr_scheduler = "cosine"
max_train_steps = 800
train_batch_size = 2
mixed_precision = "bf16"
xformers = true
min_snr_gamma = 5
clip_skip = 2
color_aug = true
network_dims = 16
`

export const fakeRecipe: Handlers<'recipe'> = {
  read() {
    const { values, report } = importRecipe([{ name: 'ink.toml', text: config }])
    const { rank, alpha, lr, steps } = values as Record<string, number>
    return {
      form: { name: 'ink', rank, alpha, lr, steps },
      ...(report ? { report } : {}),
      missing: [{ kind: 'model', name: 'sd_xl_base_1.0.safetensors' }],
    }
  },
  write: () => ({ name: 'ink.toml', text: 'recipe = 1\n' }),
}
