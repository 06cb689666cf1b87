import { plainText } from '../plain-text.ts'
import { fieldsIn, known, numberIn, textIn, wordsIn, type BesideFormat } from './beside.ts'

/** The user metadata of A1111 and Forge: what a person wrote on the card of an adapter there. Source: their `ui_edit_user_metadata.py`. */
export const webuiJson: BesideFormat = {
  name: 'webui-json',
  ending: '.json',
  read(json) {
    const said = fieldsIn(json)
    const words = textIn(said['activation text'], 1000)
    return known({
      words: words === undefined ? undefined : wordsIn([words]),
      weight: numberIn(said['preferred weight']),
      negative: textIn(said['negative text'], 1000),
      notes: textIn(said.notes),
      description: plainText(textIn(said.description) ?? '') || undefined,
      base: textIn(said['sd version'], 60)?.replace(/^Unknown$/, '') || undefined,
    })
  },
}
