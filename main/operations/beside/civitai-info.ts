import { plainText } from '../plain-text.ts'
import { civitaiPage, fieldsIn, flagIn, known, textIn, wordsIn, type BesideFormat } from './beside.ts'

/**
 * A version of a model as CivitAI's API gives it (`/model-versions/by-hash`), with the model's own fields as Civitai Helper and others add them.
 * Source: github.com/civitai/civitai, docs of the REST API.
 */
export const civitaiInfo: BesideFormat = {
  name: 'civitai-info',
  ending: '.civitai.info',
  read(json) {
    const version = fieldsIn(json)
    const model = fieldsIn(version.model)
    const creator = fieldsIn(version.creator ?? model.creator)
    const told = [model.description, version.description].flatMap((html) => textIn(html) ?? []).map(plainText)
    return known({
      model: textIn(model.name, 200),
      version: textIn(version.name, 200),
      creator: textIn(creator.username, 200),
      base: textIn(version.baseModel, 200),
      words: wordsIn(version.trainedWords),
      tags: wordsIn(model.tags),
      description: textIn(told.join('\n\n')),
      licence: licenceOf({ ...version, ...model }),
      link: civitaiPage(version.modelId ?? model.id, version.id),
    })
  },
}

function licenceOf(said: ReturnType<typeof fieldsIn>) {
  const { allowCommercialUse: uses } = said
  // An array, or in older answers one word, or `{Image,Rent}` as the data base writes it.
  const commercial = wordsIn(typeof uses === 'string' ? uses.replace(/[{}]/g, '').split(',') : uses)
  const licence = {
    noCredit: flagIn(said.allowNoCredit),
    commercial,
    derivatives: flagIn(said.allowDerivatives),
    otherLicence: flagIn(said.allowDifferentLicense),
  }
  const given = Object.entries(licence).filter(([, value]) => value !== undefined)
  return given.length > 0
    ? (Object.fromEntries(given) as Partial<{ [Key in keyof typeof licence]: NonNullable<(typeof licence)[Key]> }>)
    : undefined
}
