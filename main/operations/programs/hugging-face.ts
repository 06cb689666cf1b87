import { join } from 'node:path'
import type { ModelProgram } from './program.ts'

/** The cache of huggingface_hub, `constants.py`: a folder for each repository, with a tree of links for each revision. */
export const huggingFace: ModelProgram = {
  name: 'hugging-face',
  title: 'Hugging Face',
  called: /^huggingface$/i,
  usual: ({ home, environment: { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } }) =>
    [
      HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? '',
      HF_HOME ? join(HF_HOME, 'hub') : '',
      join(XDG_CACHE_HOME ?? join(home, '.cache'), 'huggingface', 'hub'),
    ].filter(Boolean),
  async shelves({ path, names }) {
    if (names.some((name) => /^(models|datasets|spaces)--/.test(name))) return [{ path, holds: 'anything' }]
    return names.includes('hub') && huggingFace.called.test(path.split(/[\\/]/).at(-1) ?? '')
      ? [{ path: join(path, 'hub'), holds: 'anything' }]
      : undefined
  },
}
