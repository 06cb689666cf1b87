// Adapters and models of the fake studio, hostile metadata among them.
import { fakeFound } from './found.ts'
import { exportPreview } from './export-preview.ts'
import { because, type Reason } from '../../../engine/requests/reason.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { chosenAdapters } from '../../../main/api/adapter-filter.ts'
import { warningsOf } from '../../../main/api/adapter-warnings.ts'
import type { AdapterCard, BesideAdapter, WatchedFolder } from '../../../main/api/methods/library.ts'
import type { ModelCard } from '../../../main/api/methods/models.ts'
import { embeddingCard, fakeCard } from './adapter-cards.ts'
import type { Handlers } from './handlers.ts'
import { fakePictures } from './making.ts'
import { grainRanks } from './ranks.ts'
import { mediaOf } from './pictures.ts'

const adapters: readonly AdapterCard[] = [
  fakeCard,
  embeddingCard,
  {
    ...fakeCard,
    id: 'comic-outline',
    name: 'comic-outline',
    title: 'Comic outline',
    triggers: ['comicline style'],
    triggerSets: [],
    rating: 0,
    favourite: false,
    used: { pictures: 0, last: 0 },
    content: 'c2',
    source: 'shipped',
    cover: mediaOf(9, 'comic-outline'),
  },
  {
    ...fakeCard,
    id: 'night',
    name: 'night-market',
    title: '夜市 Night market',
    triggers: ['yeshi', 'neon'],
    triggerSets: [],
    width: 2048,
    folder: 'Lora/places',
    watched: true,
    rating: 5,
    favourite: false,
    content: 'c3',
    tags: ['city', 'night'],
    family: 'sdxl',
    base: 'SDXL 1.0',
    ranks: [32],
    layers: 722,
    bytes: 228_000_000,
    source: 'imported',
    notes: '',
    cover: mediaOf(15, 'comic-outline'),
  },
  {
    ...fakeCard,
    id: 'grain',
    name: 'film-grain',
    title: '<img src=x onerror=alert(1)> grain',
    triggers: [],
    triggerSets: [],
    width: 768,
    folder: 'textures',
    rating: 0,
    favourite: false,
    used: { pictures: 3, last: Date.UTC(2026, 10, 20, 9, 0) },
    content: 'c4',
    leftOut: 2,
    besideBroken: 1,
    tags: ['film'],
    family: 'sd15',
    base: 'SD 1.5',
    ranks: [4, 8],
    layers: 264,
    bytes: 18_900_000,
    source: 'imported',
    notes: '',
    cover: mediaOf(21),
  },
  {
    ...fakeCard,
    id: 'lost',
    name: 'lost',
    title: 'Paper cut-outs',
    triggers: ['papercut'],
    triggerSets: [],
    rating: 0,
    favourite: false,
    used: { pictures: 0, last: 0 },
    content: '',
    tags: [],
    source: 'imported',
    cover: mediaOf(30),
    error: {
      code: 'safetensors-truncated',
      message: '"paper.safetensors": the file is cut off: expected 9312 bytes, got 4096. Download it again.',
      facts: { path: 'paper.safetensors' },
    },
  },
]

const width = (context: number, family: string, usual = context): Reason =>
  context === usual
    ? because('context-usual', 'Cross-attention is {width} wide, the usual of {family}.', { width: context, family })
    : because('context-other', 'Cross-attention is {width} wide; {family} usually has {usual}.', { width: context, family, usual })

const embedded: ModelCard = {
  id: 'embedded',
  name: 'Pigment embedded',
  path: 'assets/models/pigment',
  embedded: true,
  family: 'pigment',
  width: 256,
  layout: 'diffusers',
  prediction: 'epsilon',
  bytes: 78e6,
  parameters: 38.6e6,
  side: 128,
  recognised: [
    because('folder-sd1', 'model_index.json names StableDiffusionPipeline, and the UNet projects with convolutions, as in 1.x.'),
    because('predicts-scheduler', 'It predicts {what}: {file} says so.', { what: 'epsilon', file: 'scheduler/scheduler_config.json' }),
    width(256, 'Stable Diffusion 1.x', 768),
  ],
}
export const models: readonly ModelCard[] = [
  embedded,
  {
    ...embedded,
    id: 'sdxl',
    name: 'juniper-xl-v4',
    path: '/home/mei/models/juniper-xl-v4.safetensors',
    embedded: false,
    family: 'sdxl',
    width: 2048,
    layout: 'single-file',
    bytes: 6.94e9,
    parameters: 3.47e9,
    side: 1024,
    recognised: [
      because('text-two', 'Two text encoders stand below "{prefix}", as in Stable Diffusion XL base.', {
        prefix: 'conditioner.embedders.',
      }),
      width(2048, 'Stable Diffusion XL'),
    ],
  },
  {
    ...embedded,
    id: 'usb',
    name: 'dream-v8',
    path: '/mnt/usb/dream-v8.safetensors',
    embedded: false,
    family: 'sd15',
    width: 768,
    layout: 'single-file',
    bytes: 2.13e9,
    parameters: 1.07e9,
    side: 512,
    recognised: [width(768, 'Stable Diffusion 1.x')],
    error: {
      code: 'file-not-found',
      message: 'The file "/mnt/usb/dream-v8.safetensors" is not there now. Plug the drive in, or remove the model.',
      facts: { path: '/mnt/usb/dream-v8.safetensors' },
    },
  },
]

const watched: readonly WatchedFolder[] = [
  { id: 'f1', path: '/home/mei/stable-diffusion-webui/models/Lora', adapters: 1 },
  {
    id: 'f2',
    path: '/mnt/usb/ComfyUI/models/loras',
    adapters: 0,
    error: { code: 'file-not-found', message: 'Cannot read "/mnt/usb/ComfyUI/models/loras". There is no such file.', facts: {} },
  },
]
const brokenBeside = {
  code: 'adapter-beside-broken',
  message: '"film-grain.civitai.info" is not JSON. What it says of the adapter is not shown; write it again, or remove it.',
  facts: { path: 'film-grain.civitai.info', reason: 'Unexpected end of JSON input' },
}
const beside: BesideAdapter = {
  model: 'Black ink',
  version: 'v2 <b>final</b>',
  creator: 'mei',
  base: 'SD 1.5',
  words: ['blackink style', 'blackink style, thick brush'],
  description: 'Pen and brush on white paper.\n\n• Works from 0.6 to 0.9.\n• Faces need a weight of their own.',
  negative: 'colour, photo',
  weight: 0.8,
  licence: { noCredit: false, commercial: ['Image'], derivatives: true, otherLicence: false },
  link: 'https://civitai.com/models/328553?modelVersionId=368189',
}

export function fakeLibrary(empty: boolean): Handlers<'library'> {
  const all = empty ? [] : adapters
  const get = (id: string): AdapterCard => {
    const found = all.find((one) => one.id === id)
    if (!found) throw new PigmentError('adapter-unknown', 'This adapter is gone.', { id })
    return found
  }
  const metadata = [
    ['modelspec.title', 'Black ink'],
    ['modelspec.trigger_phrase', 'blackink style'],
    ['ss_network_dim', '16'],
    ['ss_network_alpha', '16.0'],
    ['ss_output_name', '<b>"bold"</b>'],
  ] as const
  return {
    list: (filter) => chosenAdapters(all, filter),
    get: ({ adapter }) => ({
      ...get(adapter),
      path: `/home/mei/pigment/${adapter}.safetensors`,
      metadata,
      layersByNetwork: { unet: 64 },
      beside,
      besideProblems: get(adapter).besideBroken > 0 ? [brokenBeside] : [],
    }),
    check: ({ adapter, model }) => ({
      adapter,
      warnings: warningsOf(
        get(adapter),
        models.find(({ id }) => id === (model ?? 'embedded')),
      ),
      layers: 64,
      layersByNetwork: { unet: 48, text_encoder: 16 },
      variants: { LoRA: 60, DoRA: 4 },
      folded: 4,
      alphas: [16],
      ...(['grain', 'comic-outline'].includes(adapter) ? { rankBlocks: grainRanks } : {}),
      leftOut: adapter === 'grain' ? [{ key: '', reason: 'Full weight differences are not supported; only low-rank pairs are.' }] : [],
    }),
    pictures({ adapter, offset, limit }) {
      const found = fakePictures
        .filter(({ form }) => form.stack?.some((one) => one.adapter === adapter))
        .slice(0, get(adapter).used.pictures)
      return { total: found.length, offset, items: found.slice(offset, offset + limit) }
    },
    folders: () => (empty ? [] : watched),
    addFolder: () => watched,
    removeFolder: () => [],
    import: () => ({ added: [], refused: [], twins: [] }),
    update: ({ adapter, coverFile: _file, cover: _cover, triggers, weight, ...change }) => ({
      ...get(adapter),
      ...change,
      ...(triggers ? { triggers } : {}),
      ...(typeof weight === 'number' ? { weight } : {}),
    }),
    exportPreview: (request) => exportPreview({ ...request, name: get(request.adapter).name }, metadata),
    export: ({ adapter }) => ({
      files: [`/home/mei/pigment/exports/${adapter}.safetensors`],
      bytes: 1_650_000,
      media: [],
      readBack: { identical: true, maxDifference: 0, maxRelativeL2: 0 },
    }),
    remove: () => ({ undo: 'u3' }),
    restore: () => [],
  }
}

export const fakeModels: Handlers<'models'> = {
  list: () => models,
  inspect: () => embedded,
  add: ({ path }) => {
    throw new PigmentError('checkpoint-unknown', `"${path}" is no model that Pigment knows: it holds 12 tensors and none of a UNet.`, {
      path,
      tensors: 12,
    })
  },
  remove: () => undefined,
  ...fakeFound,
}
