import { plainText } from '../plain-text.ts'
import { civitaiPage, fieldsIn, known, textIn, wordsIn, type BesideFormat } from './beside.ts'

/** What Stability Matrix keeps of a model that it fetched from CivitAI. Source: its `ConnectedModelInfo.cs`. */
export const stabilityMatrix: BesideFormat = {
  name: 'stability-matrix',
  ending: '.cm-info.json',
  read(json) {
    const said = fieldsIn(json)
    const told = [said.ModelDescription, said.VersionDescription].flatMap((html) => textIn(html) ?? []).map(plainText)
    return known({
      model: textIn(said.UserTitle, 200) ?? textIn(said.ModelName, 200),
      version: textIn(said.VersionName, 200),
      base: textIn(said.BaseModel, 200),
      words: wordsIn(said.TrainedWords),
      tags: wordsIn(said.Tags),
      description: textIn(told.join('\n\n')),
      link: civitaiPage(said.ModelId, said.VersionId),
    })
  },
}
