// What can be fetched, of the fake studio: an offer with a licence, one behind a gate, and a link to nothing.
import { PigmentError } from '../../../engine/requests/error.ts'
import { starters } from '../../../main/fetching/starters.ts'
import type { Handlers } from './handlers.ts'

const hub = 'https://huggingface.co'

export const fakeFetching: Handlers<'fetching'> = {
  starters: () => starters(hub, { sd1: { generate: 4.8e9, train: 5.2e9 }, sdxl: { generate: 16e9, train: 15.7e9 } }),
  offer: ({ link }) => {
    const known = starters(hub).find((one) => one.link === link)
    const gated = link.includes('gated')
    if (!known && !gated)
      throw new PigmentError('fetch-not-found', `There is nothing at "${hub}/${link}" (404). Check the name, the version and the file.`, {
        where: `${hub}/${link}`,
        status: 404,
      })
    return {
      link,
      source: 'hugging-face',
      title: known?.title ?? 'Gated <b>painter</b>',
      page: known?.page ?? `${hub}/${link}`,
      licence: known?.licence ?? { name: '', link: `${hub}/${link}` },
      files: [
        { path: 'unet/diffusion_pytorch_model.fp16.safetensors', bytes: 1_719_125_304, hashed: true },
        { path: 'vae/diffusion_pytorch_model.fp16.safetensors', bytes: 167_335_342, hashed: true },
        { path: 'model_index.json', bytes: 541, hashed: true },
      ],
      bytes: 1_886_461_187,
      freeDiskBytes: 812_000_000_000,
      gated,
      token: false,
      base: 'SD 1.5',
      words: ['gouache', 'painted in gouache'],
    }
  },
}

export const fakeTokens: Handlers<'tokens'> = {
  list: () => [
    { site: 'hugging-face', title: 'Hugging Face', page: `${hub}/settings/tokens`, kept: 'keychain' },
    { site: 'civitai', title: 'CivitAI', page: 'https://civitai.com/user/account', kept: null },
  ],
  set: ({ site }) => ({ site, by: 'keychain' }),
  forget: () => undefined,
}
