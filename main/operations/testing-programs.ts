// A home folder with each program's models, as tests find them: tiny ones, and files that are none.
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeSafetensors } from '../../engine/files/safetensors.ts'
import { tensorsOf, tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { writeSingleFile } from '../../engine/models/testing-single-file.ts'

const data = new Uint8Array(64)

/** Written long ago. */
const old = new Date('2026-01-02')
async function file(path: string, bytes: Uint8Array | string = ''): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  await utimes(path, old, old)
}
async function tensors(path: string, names: readonly string[], shape = [4, 4]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeSafetensors(
    path,
    names.map((name) => ({ name, dtype: 'F32' as const, shape, data })),
  )
  await utimes(path, old, old)
}
async function single(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeSingleFile(path, tinyModel('sd1'))
  await utimes(path, old, old)
}
const lora = (path: string): Promise<void> =>
  tensors(
    path,
    ['down', 'up'].map((side) => `lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_${side}.weight`),
  )
async function vae(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeSafetensors(path, tensorsOf(tinyModel('sd1').vae.weights))
  await utimes(path, old, old)
}

async function painter(path: string): Promise<void> {
  await writeDiffusers(path, tinyModel('sd1'))
  for (const name of await readdir(path, { recursive: true })) await utimes(join(path, name), old, old)
}

/** Six programs below `home`, each where its installer or its person has it. */
export async function writePrograms(home: string): Promise<void> {
  const at = (...parts: readonly string[]): string => join(home, ...parts)
  await file(at('stable-diffusion-webui', 'webui.py'))
  await single(at('stable-diffusion-webui', 'models/Stable-diffusion/v1.safetensors'))
  await file(at('stable-diffusion-webui', 'models/Stable-diffusion/old.ckpt'), new Uint8Array([0x80, 2, 0x7d]))
  await lora(at('stable-diffusion-webui', 'models/Lora/ink.safetensors'))
  await tensors(at('stable-diffusion-webui', 'embeddings/neg.safetensors'), ['emb_params'], [2, 768 / 96])
  await vae(at('stable-diffusion-webui', 'models/VAE/soft.safetensors'))

  await file(at('ai', 'webui_forge_cu121_torch231/webui/modules_forge/x.py'))
  await file(at('ai', 'webui_forge_cu121_torch231/webui/webui.py'))
  await file(
    at('ai', 'webui_forge_cu121_torch231/webui/webui-user.bat'),
    `rem --ckpt-dir C:\\no\nset COMMANDLINE_ARGS=--ckpt-dir "${at('my models')}" --xformers\n`,
  )
  await single(at('my models', '水彩 #1.SAFETENSORS'))

  await file(at('ComfyUI_windows_portable/ComfyUI/custom_nodes/x.py'))
  await single(at('ComfyUI_windows_portable/ComfyUI/models/checkpoints/deep/er/comfy.safetensors'))
  await file(
    at('ComfyUI_windows_portable/ComfyUI/extra_model_paths.yaml'),
    `a111:\n  base_path: ${at('stable-diffusion-webui')}\n  checkpoints: models/Stable-diffusion\nmine:\n  base_path: ~/shared\n  is_default: true\n  loras: |\n    one\n    two\n  clip: text\n`,
  )
  await lora(at('shared/two/comic.safetensors'))
  // A circle, a second way to the same file, and a link that leads nowhere.
  await symlink(at('ComfyUI_windows_portable/ComfyUI/models'), at('ComfyUI_windows_portable/ComfyUI/models/checkpoints/again'))
  await symlink(at('my models', '水彩 #1.SAFETENSORS'), at('ComfyUI_windows_portable/ComfyUI/models/checkpoints/linked.safetensors'))
  await symlink(at('nowhere'), at('ComfyUI_windows_portable/ComfyUI/models/checkpoints/gone.safetensors'))

  await file(at('invokeai/invokeai.yaml'), 'schema_version: 4.0.2\nmodels_dir: kept\n')
  await painter(at('invokeai/kept/0a1b-uuid/painter'))

  await file(at('.config/StabilityMatrix/library.json'), JSON.stringify({ LibraryPath: at('matrix') }))
  await single(at('matrix/Models/StableDiffusion/matrix.safetensors'))

  const hub = at('.cache/huggingface/hub')
  await file(join(hub, 'models--some--artist/refs/main'), 'abc')
  await painter(join(hub, 'models--some--artist/snapshots/abc'))
  await file(join(hub, 'models--some--lora/refs/main'), 'def')
  await lora(join(hub, 'models--some--lora/blobs/123'))
  await mkdir(join(hub, 'models--some--lora/snapshots/def'), { recursive: true })
  await symlink('../../blobs/123', join(hub, 'models--some--lora/snapshots/def/watercolour.safetensors'))
  await mkdir(join(hub, 'models--some--unfinished/snapshots'), { recursive: true })
}
