// kohya-ss/sd-scripts: a configuration, a data set, and the command line that begins the run, in whichever of these it was written.
import type { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { because } from '../../../engine/requests/reason.ts'
import type { ImportReport } from '../../api/methods/recipe.ts'
import type { ForeignFile, Imported, RecipeImporter } from '../importer.ts'
import { mapSettings, ofFurtherSet, type Settings } from '../mapping.ts'
import { readToml, type Table } from '../toml.ts'
import { flattened, readCommandLine, subsetsOf, type Subset } from './sd-scripts-files.ts'
import { networkRows, pairsOf } from './sd-scripts-network.ts'
import { optimizerRows } from './sd-scripts-optimizer.ts'
import { inversion } from './sd-scripts-inversion.ts'
import { defaults, pictureRows, rows } from './sd-scripts-rows.ts'

const isToml = (name: string): boolean => /\.toml$/i.test(name)

interface Found {
  readonly script?: string
  readonly options: Settings
  readonly subsets: readonly Subset[]
  /** Names of the files that were read. */
  readonly files: readonly string[]
}

function readAll(files: readonly ForeignFile[]): Found {
  const tables = files.filter(({ name }) => isToml(name)).map(({ name, text }) => readToml(text, name).table)
  const lines = files
    .filter(({ name }) => !isToml(name))
    .map(({ name, text }) => {
      const line = readCommandLine(text)
      if (!line)
        throw new PigmentError(
          'recipe-no-command',
          `In "${name}" no command runs a script for training, such as train_network.py. Give the file or the line that does.`,
          { name },
        )
      return line
    })
  const config = Object.assign({}, ...tables.filter((one) => !isDataset(one)).map(flattened)) as Table
  // What stands on the line wins over a file.
  const options = Object.assign({}, config, ...lines.map((line) => line.options)) as Table
  const ofPictures = Object.fromEntries(Object.entries(options).filter(([key]) => key in pictureRows && !/_dir$/.test(key)))
  return {
    ...(lines[0] ? { script: lines[0].script } : {}),
    options,
    subsets: tables.filter(isDataset).flatMap((one) => subsetsOf(one, ofPictures)),
    files: files.map(({ name }) => name),
  }
}

const isDataset = (table: Table): boolean => Array.isArray(table.datasets)

/** Options that only this program has, in a file that says nothing else of itself. */
const marks = /^\s*(network_module|pretrained_model_name_or_path|network_dim|train_data_dir|image_dir|network_args|optimizer_type)\s*=/m

const otherModel = /^(flux|sd3|lumina|hunyuan|anima|hv|wan|fpack)/

export const sdScripts: RecipeImporter = {
  name: 'sd-scripts',
  title: 'sd-scripts',
  recognises: ({ name, text }) =>
    isToml(name) ? marks.test(text) || /^\s*\[\[\s*datasets/m.test(text) : readCommandLine(text) !== undefined,

  read(files, schema) {
    const { script = 'train_network', options, subsets, files: names } = readAll(files)
    const [main, ...further] = [...subsets.filter((one) => !one.isClass), ...subsets.filter((one) => one.isClass)]
    // Of the files themselves nothing is left to tell.
    const { dataset_config: dataset, config_file: config, ...rest } = options
    const open = Object.entries({ dataset_config: dataset, config_file: config }).filter(
      ([, value]) => value !== undefined && !names.includes(lastPart(value)),
    )
    const given: Settings = { ...rest, ...main?.settings, ...Object.fromEntries(open) }
    const { network_args: network, optimizer_args: optimizer, ...flat } = given
    const ofClass = further.find((one) => one.isClass)
    const around: Settings = {
      [inversion]: textualInversion.test(script),
      ...(ofClass ? { reg_data_dir: ofClass.settings.image_dir } : {}),
      ...defaults,
      ...given,
    }
    const shared = { program: 'sd-scripts', schema, around }
    const first = mapSettings({ ...shared, given: flat, defaults, rows })
    const before = first.values
    const whole = [
      first,
      mapSettings({ ...shared, given: pairsOf(network), defaults: {}, rows: networkRows, before, prefix: 'network_args ' }),
      mapSettings({ ...shared, given: pairsOf(optimizer), defaults: {}, rows: optimizerRows, before, prefix: 'optimizer_args ' }),
    ]
    return withSets(joined(whole, scriptSays(script)), further, schema)
  },
}

const textualInversion = /textual_inversion/

const lastPart = (path: unknown): string => String(path).split(/[\\/]/).at(-1) ?? ''

function scriptSays(script: string): ImportReport['differs'] {
  const theirs = { theirs: 'script', was: `${script}.py` }
  if (otherModel.test(script)) return [{ ...theirs, why: because('import-other-model', 'Models of this family are not trained here.') }]
  if (/^(train_db|fine_tune|sdxl_train)$/.test(script))
    return [
      {
        ...theirs,
        ours: 'method',
        value: 'full',
        why: because('import-whole-model', 'There the whole model is trained; here its difference is kept as an adapter.'),
      },
    ]
  return []
}

/** Values of all, later ones last. */
function joined(parts: readonly Imported[], more: ImportReport['differs']): Imported {
  const merge = <K extends 'mapped' | 'differs' | 'unknown' | 'ignored'>(key: K): ImportReport[K] =>
    parts.flatMap((one) => one.report[key]) as unknown as ImportReport[K]
  const values: Record<string, unknown> = {}
  for (const part of parts)
    for (const [key, value] of Object.entries(part.values))
      values[key] = key.endsWith('Options') ? { ...(values[key] as object | undefined), ...(value as object) } : value
  if (more.some(({ ours }) => ours === 'method')) values.method = 'full'
  return {
    values,
    report: {
      program: 'sd-scripts',
      mapped: merge('mapped'),
      differs: [...more, ...merge('differs')],
      unknown: merge('unknown'),
      ignored: merge('ignored'),
    },
  }
}

/** Further folders as sets of their own, where there are such; one of the class alone as that. */
function withSets(whole: Imported, further: readonly Subset[], schema: z.ZodObject): Imported {
  let { values, report } = whole
  const sets: object[] = []
  for (const [i, { settings, isClass }] of further.entries()) {
    const theirs = { theirs: `subsets.${i + 1} image_dir`, was: settings.image_dir }
    if (settings.batch_size !== undefined && settings.batch_size !== values.batch) {
      const why = because('import-one-batch', 'One size of batch holds for the whole run here.')
      report = { ...report, differs: [...report.differs, { theirs: `subsets.${i + 1} batch_size`, was: settings.batch_size, why }] }
    }
    if (isClass && values.classPictures === undefined) {
      values = { ...values, preservation: 'pictures', classPictures: settings.image_dir }
      report = { ...report, mapped: [...report.mapped, { ...theirs, ours: 'class-pictures', value: settings.image_dir }] }
      continue
    }
    if (!('sets' in schema.shape)) {
      report = {
        ...report,
        differs: [
          ...report.differs,
          { ...theirs, why: because('import-one-folder', 'One folder of pictures is trained on here: put them together.') },
        ],
      }
      continue
    }
    const of = mapSettings({ program: 'sd-scripts', given: settings, defaults: {}, rows: pictureRows, schema, prefix: `subsets.${i + 1} ` })
    const { dataset: folder, batch: _batch, heldOut: _heldOut, maskedLoss: _masks, maskFolder: _folder, ...own } = of.values
    sets.push({ folder, ...ofFurtherSet(own, values), ...(isClass ? { classPictures: true } : {}) })
    const { mapped, differs, unknown } = of.report
    report = {
      ...report,
      mapped: [...report.mapped, ...mapped],
      differs: [...report.differs, ...differs],
      unknown: [...report.unknown, ...unknown],
    }
  }
  return { values: sets.length > 0 ? { ...values, sets } : values, report }
}
