// What the fake studio found of other programs' models: usable ones, and one of each kind that is none.
import type { FoundKind, FoundModel, FoundModels, FoundPlace, ModelMemories } from '../../../main/api/methods/found.ts'
import type { Handlers } from './handlers.ts'

const places: readonly FoundPlace[] = [
  { id: 'comfyui', program: 'comfyui', title: 'ComfyUI', folder: '/home/mei/ComfyUI', count: 5 },
  { id: 'a1111', program: 'a1111', title: 'A1111', folder: '/home/mei/stable-diffusion-webui', count: 4 },
  {
    id: 'usb',
    program: '',
    title: '',
    folder: '/mnt/usb/models',
    count: 1,
    error: { code: 'file-not-found', message: 'Cannot read "/mnt/usb/models". There is no such file.', facts: { path: '/mnt/usb/models' } },
  },
]

const one = (place: string, kind: FoundKind, way: string, more: Partial<FoundModel> = {}): FoundModel => ({
  id: `found-${way.replace(/\W/g, '-').slice(0, 40)}`,
  name: (way.split('/').at(-1) ?? way).replace(/\.\w+$/, ''),
  path: `${places.find(({ id }) => id === place)?.folder}/${way}`,
  place,
  kind,
  family: 'sdxl',
  title: 'Stable Diffusion XL',
  bytes: 6.94e9,
  ...more,
})
const sd1 = { family: 'sd1', title: 'Stable Diffusion 1.x', side: 512, parameters: 1.07e9, bytes: 2.13e9 }
const none = { family: '', title: '' }

const models: readonly FoundModel[] = [
  one('comfyui', 'checkpoint', 'models/checkpoints/juniper-xl-v4.safetensors', { side: 1024, parameters: 3.47e9, model: 'sdxl' }),
  one('comfyui', 'checkpoint', 'models/checkpoints/anime/水彩-xl.safetensors', { side: 1024, parameters: 3.47e9 }),
  one('comfyui', 'checkpoint', 'models/checkpoints/flux1-dev-fp8.safetensors', {
    ...none,
    bytes: 17.2e9,
    problem: {
      code: 'checkpoint-unsupported',
      message:
        '"/home/mei/ComfyUI/models/checkpoints/flux1-dev-fp8.safetensors" is of the Flux family or a relative of it, which has no UNet.',
      facts: { path: '/home/mei/ComfyUI/models/checkpoints/flux1-dev-fp8.safetensors', kind: 'flux' },
    },
  }),
  one('comfyui', 'checkpoint', 'models/checkpoints/dream-v9.safetensors', { ...none, bytes: 1.1e9, growing: true }),
  one('comfyui', 'vae', 'models/vae/sdxl_vae.safetensors', { ...none, title: 'Stable Diffusion 1.x, Stable Diffusion 2.x', bytes: 335e6 }),
  one('a1111', 'checkpoint', 'models/Stable-diffusion/v1-5-pruned-emaonly.safetensors', sd1),
  one('a1111', 'checkpoint', 'models/Stable-diffusion/old.ckpt', {
    ...none,
    bytes: 4.27e9,
    problem: {
      code: 'pickle-refused',
      message: '"old.ckpt" is a Python pickle file (.ckpt), and loading one can run any program hidden in it, so Pigment never opens them.',
      facts: { path: 'old.ckpt', evidence: '.ckpt' },
    },
  }),
  one('a1111', 'adapter', 'models/Lora/ink.safetensors', { ...sd1, bytes: 151e6, watch: '/home/mei/stable-diffusion-webui/models/Lora' }),
  one('a1111', 'embedding', 'embeddings/easynegative.safetensors', {
    ...sd1,
    bytes: 25e3,
    watch: '/home/mei/stable-diffusion-webui/embeddings',
  }),
  one('usb', 'checkpoint', 'dream-v8.safetensors', sd1),
]

const found: FoundModels = { places, models, at: 1_790_000_000_000 }

const large = { generate: 16e9, train: 59.4e9 }
const memories: ModelMemories['of'] = {
  embedded: { generate: 0.4e9, train: 0.6e9 },
  sdxl: large,
  ...Object.fromEntries(
    models
      .filter(({ kind, problem }) => kind === 'checkpoint' && !problem)
      .map(({ id, family }) => [id, family === 'sd1' ? { generate: 4.8e9, train: 18e9 } : large]),
  ),
}

export const fakeFound: Pick<Handlers<'models'>, 'found' | 'look' | 'addPlace' | 'removePlace' | 'memory'> = {
  found: () => found,
  look: () => found,
  addPlace: () => found,
  removePlace: ({ place }) => ({ ...found, places: found.places.filter(({ id }) => id !== place) }),
  memory: () => ({ total: 33e9, of: memories }),
}

const nothing: FoundModels = { places: [], models: [], at: found.at }
export const nothingFound: Pick<Handlers<'models'>, 'found' | 'look'> = { found: () => nothing, look: () => nothing }
