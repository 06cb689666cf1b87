import type { AxisKind } from './axis.ts'

/** Files of autoencoders; A1111's "None" and "Automatic" are the model's own. */
export const vaeAxis: AxisKind = {
  name: 'vae',
  called: ['VAE'],
  read: (words) => words.map((word) => (/^(none|automatic|own)$/i.test(word) ? '' : word)),
  steps: ({ values }) =>
    values.map(String).map((vae) => ({
      label: `VAE ${vae === '' ? 'of the model' : (vae.split(/[\\/]/).at(-1) ?? vae)}`,
      change: (form) => ({ ...form, vae: vae === '' ? undefined : vae }),
    })),
}
