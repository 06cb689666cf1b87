// What captions would be, of a few pictures; nothing is written.
import type { z } from 'zod'
import { checkTemplate } from '../../engine/captioning/fill-template.ts'
import { findCaptioner } from '../../engine/captioning/find-captioner.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { boundsAt, takes } from '../../engine/requests/fields.ts'
import type { captionForm, CaptionPreview } from '../api/methods/captioning.ts'
import { captionWith, picturesToCaption, toCaption } from '../datasets/to-caption.ts'
import type { Parts } from './parts.ts'

type Form = z.output<typeof captionForm>
type Studio = Pick<Parts, 'datasets' | 'views' | 'tools' | 'settings' | 'media'>

/** Throws what is wrong with a form before any picture is looked at: `captions-both`, `template-missing`, `template-unknown`, and what is wrong with the captioner. */
export async function checkCaptionForm({ with: way, template, overwrite, add, options }: Form): Promise<void> {
  if (overwrite && add !== undefined)
    throw new PigmentError(
      'captions-both',
      'Captions that are there cannot be written over and added to at once. Leave out --overwrite or --add.',
      {},
    )
  checkTemplate(template)
  const { captioner } = await findCaptioner(way)
  if (captioner.name === 'template' && template === '{tags}')
    throw new PigmentError(
      'template-missing',
      'The template {tags} alone would change nothing. Write one, e.g. --template "{trigger}, {name}".',
      {},
    )
  const unknown = Object.keys(options).filter((key) => !(key in captioner.options.shape))
  if (unknown.length > 0) {
    const known = Object.keys(captioner.options.shape)
    throw new PigmentError(
      'caption-options-unknown',
      `${captioner.title} has no option ${unknown.join(', ')}. It has ${known.join(', ') || 'none'}; leave the others out.`,
      {
        unknown,
        known,
        captioner: captioner.name,
      },
    )
  }
  const misfits = (captioner.options.safeParse(options).error?.issues ?? []).flatMap(({ path }) => {
    const bounds = boundsAt(captioner.options, path)
    return bounds ? [{ field: path.join('.'), bounds }] : []
  })
  if (misfits.length > 0)
    throw new PigmentError(
      'input-invalid',
      `This does not fit. ${misfits.map(({ field, bounds }) => `${field}: ${takes(bounds)}`).join('; ')}.`,
      {
        misfits,
      },
    )
}

export async function captionPreview(
  { datasets, views, tools, settings, media: names }: Studio,
  form: Form,
  most: number,
): Promise<CaptionPreview> {
  await checkCaptionForm(form)
  const { asked, kept } = picturesToCaption(await views.of(form.dataset), form)
  const shown = asked.slice(0, most)
  const { with: way, options, template, trigger = datasets.entry(form.dataset).trigger } = form
  const task = { with: way, options, template, trigger, threads: settings.value.threads, pictures: shown.map(toCaption) }
  const said = shown.length === 0 ? [] : await tools.call('caption', task, { patience: 10 * 60_000 })
  const changes = shown.map((one, i) => {
    const { id: item, path, caption: before } = one
    const found = said[i]
    const media = names.ofFile(one.file, one.stamp)
    if (!found || 'error' in found) return { item, path, media, before, after: before, ...(found ? { error: found.error } : {}) }
    return { item, path, media, before, after: captionWith(one, found.words, form) }
  })
  return { changes, asked: asked.length, kept }
}
