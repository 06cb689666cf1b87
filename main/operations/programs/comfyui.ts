import { join } from 'node:path'
import { parse } from 'yaml'
import { placed, shelvesOf, type Holding, type ModelProgram, type ProgramFolder, type Shelf, type Surroundings } from './program.ts'

/** Names of `folder_paths.py`, old and new; a folder of `models/` is called as its key. */
const keys: Readonly<Record<string, Holding>> = {
  checkpoints: 'models',
  diffusers: 'models',
  unet: 'models',
  diffusion_models: 'models',
  vae: 'vaes',
  loras: 'adapters',
  lycoris: 'adapters',
  embeddings: 'embeddings',
}

/** comfyanonymous/ComfyUI: its own `models/`, and the folders of other programs in its `extra_model_paths.yaml`. */
export const comfyui: ModelProgram = {
  name: 'comfyui',
  title: 'ComfyUI',
  called: /^comfy-?ui(_windows_portable(_nvidia|_cpu|_amd|_intel)*|-(master|main))?$/i,
  usual: (surroundings) => [join(surroundings.home, 'Documents', 'ComfyUI'), desktopData(surroundings)],
  async shelves(folder) {
    const { path, names } = folder
    const config = names.filter((name) => /^extra_models?_(paths|config)\.ya?ml$/i.test(name))
    const own = names.includes('custom_nodes') && names.includes('models')
    if (!own && config.length === 0) return undefined
    const extra = await Promise.all(config.map(async (name) => namedIn(await folder.text(name), folder)))
    const usual = Object.entries(keys).flatMap(([key, holds]) => shelvesOf(path, holds, join('models', key)))
    return [...(own ? usual : []), ...extra.flat()]
  },
}

/** Of the desktop app, which keeps its models in another folder and names it here. */
function desktopData({ home, environment, platform }: Surroundings): string {
  if (platform === 'win32') return join(environment.APPDATA ?? join(home, 'AppData', 'Roaming'), 'ComfyUI')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'ComfyUI')
  return join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'ComfyUI')
}

/** Sections of `base_path` and of ways from there by key, several of them a line each. A file that is no such thing names nothing. */
function namedIn(text: string, { path, surroundings }: ProgramFolder): Shelf[] {
  const isSection = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  const read = parsed(text)
  if (!isSection(read)) return []
  return Object.values(read)
    .filter(isSection)
    .flatMap(({ base_path: base, ...ways }) => {
      const from = typeof base === 'string' ? placed(base, path, surroundings) : path
      return Object.entries(ways).flatMap(([key, way]) => {
        const holds = keys[key]
        if (holds === undefined || typeof way !== 'string') return []
        const each = way
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
        return each.map((line) => ({ path: placed(line, from, surroundings), holds }))
      })
    })
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' })
  } catch {
    return undefined
  }
}
