// CivitAI loads nothing: it looks at a safetensors file's metadata for the base model and the words that call it.
// What it shows as AutoV2 and AutoV3 are hashes of the file and of its tensors. Its code of reading is not public in full: these are the fields that it shows.
import { familyCalled } from '../models/family-called.ts'
import { because, type Reason } from '../requests/reason.ts'
import type { AdapterReader } from './reader.ts'

export const civitai: AdapterReader = {
  name: 'civitai',
  title: 'CivitAI',
  formats: ['kohya', 'ldm', 'lycoris', 'diffusers'],
  looksOnly: true,
  read(files, { family }) {
    const metadata = files[0]?.metadata ?? new Map<string, string>()
    const { architecture, ss_base_model_version: version } = familyCalled(family).metadata('epsilon')
    const named = metadata.get('ss_base_model_version') ?? metadata.get('modelspec.architecture')
    const known = named !== undefined && (named.startsWith(version) || named.startsWith(architecture))
    const base: Reason = known
      ? because('reader-base-told', 'It says its base model: {named}.', { named })
      : because('reader-base-untold', 'It does not say its base model: whoever publishes it has to choose it.', {})
    const words = metadata.has('ss_tag_frequency') || metadata.has('modelspec.trigger_phrase')
    const silent = because('reader-words-untold', 'It says no words that call it: whoever publishes it has to write them.', {})
    return { layers: new Map(), dropped: [], notes: [base, ...(words ? [] : [silent])] }
  },
}
