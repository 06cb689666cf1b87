// What to know of an adapter before it is used: on its card, in the stack, and by command.
import { because, type Reason } from '../../engine/requests/reason.ts'
import type { AdapterCard } from './methods/library.ts'
import type { ModelCard } from './methods/models.ts'

type Told = Pick<AdapterCard, 'error' | 'family' | 'width' | 'leftOut' | 'base' | 'kind' | 'layers'>
type Model = Pick<ModelCard, 'family' | 'width' | 'name'>

export const otherModel = ({ base, family }: Pick<Told, 'base' | 'family'>, { name }: Pick<Model, 'name'>): Reason =>
  because('adapter-other-model', 'It is made for {base}, and the model is {model}: there it cannot act.', {
    base: base || family,
    model: name,
  })

export function warningsOf({ error, family, width, leftOut, base, kind, layers }: Told, model?: Model): Reason[] {
  if (error?.code === 'pickle-refused')
    return [
      because(
        'adapter-pickle',
        'It is a Python pickle, which could run any program. Pigment never opens one; get its .safetensors version.',
      ),
    ]
  if (error) return [because('adapter-damaged', 'Its file cannot be used: {reason}', { reason: error.message })]
  const found: Reason[] = []
  if (kind === 'adapter' && layers === 0)
    found.push(because('adapter-acts-nowhere', 'Nothing in its file acts on a layer of any model known here.'))
  // Models of one family differ by the width of the text that they hear; where it is not known, the family's name decides.
  const bothKnown = width > 0 && model !== undefined && model.width > 0
  const other = model && (bothKnown ? width !== model.width : family.length > 0 && family !== model.family)
  if (other) found.push(otherModel({ base, family }, model))
  if (leftOut > 0) found.push(because('adapter-left-out', 'Parts of its file are not used.', { count: leftOut }))
  return found
}
