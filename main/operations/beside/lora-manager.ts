import { plainText } from '../plain-text.ts'
import { fieldsIn, known, numberIn, textIn, wordsIn, type BesideFacts, type BesideFormat } from './beside.ts'
import { civitaiInfo } from './civitai-info.ts'

/**
 * What ComfyUI Lora Manager keeps of an adapter: CivitAI's answer whole under `civitai`, and a person's words beside it. `usage_tips` is JSON in a text.
 * Source: its `py/utils/models.py`.
 */
export const loraManager: BesideFormat = {
  name: 'lora-manager',
  ending: '.metadata.json',
  read(json) {
    const said = fieldsIn(json)
    const tips = fieldsIn(parsed(said.usage_tips))
    const theirs: BesideFacts = civitaiInfo.read(said.civitai)
    // What a person changed there stands outside of CivitAI's answer.
    return {
      ...theirs,
      ...known({
        model: textIn(said.model_name, 200),
        base: textIn(said.base_model, 200)?.replace(/^(unknown|other)$/i, '') || undefined,
        weight: numberIn(tips.strength),
        tags: wordsIn(said.tags),
        notes: textIn(said.notes),
        description: plainText(textIn(said.modelDescription) ?? '') || undefined,
      }),
    }
  },
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return undefined // A hint that is none is left out, as anything else of the file that is not as expected.
  }
}
