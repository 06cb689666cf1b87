// Nerogar/OneTrainer: a configuration or preset (JSON, versions 0 to 11), and its concepts, in the same file or in one of their own.
import type { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { because } from '../../../engine/requests/reason.ts'
import type { ImportReport } from '../../api/methods/recipe.ts'
import type { ForeignFile, Imported, RecipeImporter } from '../importer.ts'
import {
  aboveZero,
  ignored,
  mapSettings,
  notHere,
  number,
  numberOf,
  ofFurtherSet,
  on,
  switchOf,
  taking,
  text,
  textOf,
  type Rows,
  type Settings,
} from '../mapping.ts'
import { migrated, newest } from './one-trainer-versions.ts'
import { defaults, rows } from './one-trainer-rows.ts'

type Json = Readonly<Record<string, unknown>>

const isTable = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function parsed({ name, text: json }: ForeignFile): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new PigmentError(
      'recipe-json',
      `"${name}" is no JSON: ${error instanceof Error ? error.message : ''}. Mend it, or choose another file.`,
      { name },
      error,
    )
  }
}

const isConcepts = (value: unknown): value is readonly Json[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => isTable(one) && 'path' in one)

/** Tables of its parts as names with a dot; what is off by their defaults stays as it is. */
function flat(config: Json): Settings {
  const parts = new Set(['unet', 'text_encoder', 'text_encoder_2', 'vae', 'optimizer'])
  // Parts of other families change nothing of these.
  const others = new Set([
    'prior',
    'transformer',
    'unconditional_transformer',
    'text_encoder_3',
    'text_encoder_4',
    'effnet_encoder',
    'decoder',
    'decoder_text_encoder',
    'decoder_vqgan',
  ])
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      if (others.has(key) || /^text_encoder_[34]_/.test(key) || (key === 'concepts' && value === null)) return []
      return parts.has(key) && isTable(value)
        ? Object.entries(value).map(([inner, own]) => [`${key}.${inner}`, own] as const)
        : [[key, value] as const]
    }),
  )
}

const conceptRows: Rows = {
  path: text('folder'),
  balancing: (value, all) => {
    if (all.balancing_strategy === 'SAMPLES')
      return {
        differs: because(
          'import-samples',
          'There so many pictures are drawn of it in an epoch; here each is seen as often as its repeats say.',
        ),
      }
    return Number.isInteger(numberOf(value))
      ? number('repeats')(value, all)
      : { differs: because('import-whole-repeats', 'Repeats are whole numbers here.') }
  },
  loss_weight: (value, all) => (numberOf(value) === 1 ? undefined : number('weight')(value, all)),
  'image.enable_random_flip': on('flip'),
  'image.enable_fixed_flip': notHere,
  'image.enable_crop_jitter': (value) =>
    switchOf(value) === false
      ? undefined
      : { differs: because('import-crop', 'There pictures are cut a little elsewhere each time; here in the middle.') },
  'image.resolution_override': (value, all) =>
    switchOf(all['image.enable_resolution_override']) === true ? number('resolution')(value, all) : undefined,
  'text.prompt_source': taking(textOf, (source) =>
    source === 'sample' ? undefined : { differs: because('import-captions', 'Captions are read from .txt and .caption files here.') },
  ),
  'text.enable_tag_shuffling': on('shuffleCaption'),
  'text.keep_tags_count': (value, all) =>
    switchOf(all['text.enable_tag_shuffling']) === true ? number('keepTokens')(value, all) : undefined,
  'text.tag_delimiter': text('captionSeparator'),
  'text.tag_dropout_probability': (value, all) => {
    if (switchOf(all['text.tag_dropout_enable']) !== true) return undefined
    return all['text.tag_dropout_mode'] === 'FULL' ? aboveZero('captionDropout')(value, all) : aboveZero('captionTagDropout')(value, all)
  },
  'text.caps_randomize_enable': notHere,
  image_variations: (value) => (numberOf(value) === 1 ? undefined : notHere(value, {})),
  text_variations: ignored,
  type: ignored,
}

/** Of a concept what changes something; its many switches that are off are no news. */
function conceptSettings(concept: Json): Settings {
  const of = (part: string): [string, unknown][] =>
    Object.entries(isTable(concept[part]) ? concept[part] : {}).map(([key, value]) => [`${part}.${key}`, value])
  const own = ['path', 'balancing', 'balancing_strategy', 'loss_weight', 'image_variations'].flatMap((key) =>
    key in concept ? [[key, concept[key]] as const] : [],
  )
  return Object.fromEntries([...own, ...of('image'), ...of('text')])
}
const conceptDefaults: Settings = { balancing: 1, 'image.enable_crop_jitter': true }

export const oneTrainer: RecipeImporter = {
  name: 'one-trainer',
  title: 'OneTrainer',
  recognises({ name, text: json }) {
    if (!/\.json$/i.test(name)) return false
    return (
      /"(training_method|base_model_name|output_model_destination|learning_rate_scheduler)"/.test(json) ||
      /"(include_subdirectories|prompt_source|balancing)"/.test(json)
    )
  },
  read(files, schema) {
    const all = files.map(parsed)
    const config = all.find(isTable) ?? {}
    const version = numberOf(config['__version']) ?? 0
    if (version > newest)
      throw new PigmentError(
        'recipe-newer',
        `"${files[0]?.name}" is a configuration of version ${version}, and this program reads those up to ${newest}. Get a newer Pigment, or save it with an older OneTrainer.`,
        { name: files[0]?.name, version, known: newest },
      )
    const { concepts: inside, ...given } = flat(migrated(config, version))
    const concepts = (all.find(isConcepts) ?? (isConcepts(inside) ? inside : [])).filter((one) => one.enabled !== false)
    const around = { concepts: concepts.length > 0 ? concepts : undefined }
    const whole = mapSettings({
      program: 'OneTrainer',
      given,
      defaults: { ...defaults, seed: null },
      rows: { ...rows, seed: seedRow },
      schema,
      around,
    })
    return withConcepts(whole, concepts, schema)
  },
}

/** Their runs draw from seeds of the concepts. */
const seedRow: Rows[string] = () => ({
  set: { seed: 0 },
  differs: because('import-seed', 'Without a seed each run is another there; here they are alike.'),
})

/** The first of the standard ones is the data set; others are further sets, or held out. */
function withConcepts(whole: Imported, concepts: readonly Json[], schema: z.ZodObject): Imported {
  let { values, report } = whole
  const setSchema = schema.extend({ folder: schema.shape.dataset as z.ZodType, weight: schema.shape.lr as z.ZodType })
  const sets: object[] = []
  let main = false
  for (const [i, concept] of concepts.entries()) {
    const prefix = `concepts.${i} `
    const of = mapSettings({
      program: 'OneTrainer',
      given: conceptSettings(concept),
      defaults: conceptDefaults,
      rows: conceptRows,
      schema: setSchema,
      prefix,
    })
    const { folder, weight, ...own } = of.values
    const told = (more: Partial<ImportReport>): void => {
      report = { ...report, mapped: [...report.mapped, ...(more.mapped ?? [])], differs: [...report.differs, ...(more.differs ?? [])] }
    }
    const as = (ours: string): ImportReport['mapped'] => of.report.mapped.map((one) => (one.ours === 'folder' ? { ...one, ours } : one))
    if (concept.type === 'VALIDATION' || concept.validation_concept === true) {
      const here = 'heldOutFolder' in schema.shape
      if (here) values = { ...values, heldOutFolder: folder }
      told(
        here
          ? { mapped: as('held-out-folder').filter(({ ours }) => ours === 'held-out-folder') }
          : {
              differs: [
                {
                  theirs: `${prefix}path`,
                  was: folder,
                  why: because('import-not-here', 'There is no such option here: it is trained without.'),
                },
              ],
            },
      )
    } else if (concept.type === 'PRIOR_PREDICTION') {
      told({
        differs: [
          {
            theirs: `${prefix}type`,
            was: 'PRIOR_PREDICTION',
            why: because('import-prior', 'What the model drew before is kept by --preservation output here, on the same pictures.'),
          },
        ],
      })
    } else if (!main) {
      main = true
      values = { ...values, dataset: folder, ...own }
      told({ mapped: as('dataset').filter(({ ours }) => ours !== 'weight'), differs: of.report.differs })
    } else if ('sets' in schema.shape) {
      sets.push({ folder, ...ofFurtherSet(own, values), ...(weight === undefined ? {} : { weight }) })
      told({ mapped: as('sets.folder'), differs: of.report.differs })
    } else
      told({
        differs: [
          {
            theirs: `${prefix}path`,
            was: folder,
            why: because('import-one-folder', 'One folder of pictures is trained on here: put them together.'),
          },
        ],
      })
  }
  return { values: sets.length > 0 ? { ...values, sets } : values, report }
}
