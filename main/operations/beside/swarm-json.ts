import { plainText } from '../plain-text.ts'
import { fieldsIn, known, textIn, wordsIn, type BesideFormat } from './beside.ts'

/** ModelSpec's fields, which SwarmUI writes beside a file that it does not rewrite. Source: its `T2IModelHandler.cs`, and the ModelSpec of formats. */
export const swarmJson: BesideFormat = {
  name: 'swarm-json',
  ending: '.swarm.json',
  read(json) {
    const said = fieldsIn(json)
    const of = (name: string): unknown => said[`modelspec.${name}`]
    const words = textIn(of('trigger_phrase'), 1000)
    return known({
      model: textIn(of('title'), 200),
      creator: textIn(of('author'), 200),
      words: words === undefined ? undefined : wordsIn([words]),
      tags: wordsIn(textIn(of('tags'))?.split(',')),
      description: plainText(textIn(of('description')) ?? '') || undefined,
      notes: textIn(of('usage_hint')),
    })
  },
}
