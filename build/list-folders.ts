// The folders in which one file is one extension, and what the list of its files is called.

/** A folder whose files each export one constant of a known type. */
export interface ListFolder {
  readonly folder: string
  readonly type: string
  /** The module that declares the type, as seen from the folder. */
  readonly from: string
  /** Name of the list. */
  readonly list: string
  readonly says: string
  /** Name of the list of their names: where requests choose from it, `courseNames` for a field `course`. */
  readonly names?: string
  /** Has each as an object of these facts of it, every one in a line of its own: what plain data says beside the name. */
  readonly facts?: readonly string[]
  /** Where that list stands, if not among what requests choose from. */
  readonly namesIn?: string
  /** An extension is a folder with this file in it. */
  readonly inFolders?: string
  /** The field of a request that chooses from it, where it takes other names too. */
  readonly field?: string
  /** Requests choose only from those that are of this type, a narrower one; its list. */
  readonly chosen?: { readonly type: string; readonly list: string }
}

/** Where requests choose from. */
export const trainingNames = 'engine/requests/training-names.ts'

export const listFolders: readonly ListFolder[] = [
  { folder: 'engine/samplers', type: 'Sampler', from: './sampler.ts', list: 'samplers', says: 'One sampler a file.', field: 'sampler' },
  {
    folder: 'engine/schedules',
    type: 'Schedule',
    from: './schedule.ts',
    list: 'schedules',
    says: 'One schedule a file.',
    field: 'schedule',
  },
  {
    folder: 'engine/noise-sources',
    type: 'NoiseSource',
    from: './noise-source.ts',
    list: 'noiseSources',
    says: 'One source of noise a file.',
    names: 'noiseSourceNames',
    namesIn: 'engine/requests/noise-names.ts',
    field: 'noiseSource',
  },
  {
    folder: 'engine/adapters/compositions',
    type: 'Composition',
    from: '../composition.ts',
    list: 'compositions',
    says: 'One way of composing adapters a file.',
    names: 'compositionNames',
    namesIn: 'engine/requests/composition-names.ts',
    field: 'composition',
  },
  { folder: 'engine/conditions', type: 'Condition', from: './condition.ts', list: 'conditions', says: 'One condition a file.' },
  { folder: 'engine/guidance/guides', type: 'Guide', from: '../guide.ts', list: 'guides', says: 'One guide a file.' },
  {
    folder: 'engine/files/quantised',
    type: 'Quantisation',
    from: './quantisation.ts',
    list: 'quantisations',
    says: 'The ways of packing that a tensor is tried for.',
  },
  {
    folder: 'main/remote/content-stores',
    type: 'ContentStoreKind',
    from: '../content-store.ts',
    list: 'contentStoreKinds',
    says: 'Where files may lie that travel, by their addresses.',
  },
  {
    folder: 'engine/images/formats',
    type: 'PictureFormat',
    from: './format.ts',
    list: 'pictureFormats',
    says: 'One format of pictures a file.',
  },
  {
    folder: 'engine/adapter-formats',
    type: 'AdapterFormat',
    from: './format.ts',
    list: 'adapterFormats',
    says: 'The formats, in the order in which a file is tried. Their marks exclude each other.',
  },
  {
    folder: 'engine/adapter-readers',
    type: 'AdapterReader',
    from: './reader.ts',
    list: 'adapterReaders',
    says: 'One program that reads adapters a file.',
  },
  {
    folder: 'engine/model-formats',
    type: 'ModelFormat',
    from: './model-format.ts',
    list: 'modelFormats',
    says: 'What a merged model can be written as.',
    names: 'modelForms',
    facts: ['name', 'use'],
    namesIn: 'engine/requests/model-formats.ts',
  },
  {
    folder: 'engine/adapters/variants',
    type: 'AdapterVariant',
    from: './variant.ts',
    list: 'variants',
    says: 'One adapter variant a file; those that can be trained apart.',
    names: 'variantNames',
    chosen: { type: 'TrainableVariant', list: 'trainableVariants' },
  },
  {
    folder: 'engine/adapters/starts',
    type: 'PairStart',
    from: './start.ts',
    list: 'pairStarts',
    says: 'One way in which a pair begins a file.',
    names: 'startNames',
  },
  {
    folder: 'engine/models/families',
    type: 'ModelFamily',
    from: '../family.ts',
    list: 'families',
    says: 'The families that a checkpoint is tried against.',
    names: 'familyNames',
    namesIn: 'engine/checkpoint/family-names.ts',
    inFolders: 'family.ts',
  },
  {
    folder: 'engine/merging/methods',
    type: 'MergeMethod',
    from: '../method.ts',
    list: 'mergeMethods',
    says: 'One way of merging adapters a file.',
    names: 'mergeMethodNames',
    namesIn: 'engine/requests/merge-names.ts',
  },
  {
    folder: 'engine/weights',
    type: 'WeightCodec',
    from: './codec.ts',
    list: 'weightCodecs',
    says: 'One way of keeping frozen weights a file.',
    names: 'baseWeightsNames',
  },
  {
    folder: 'engine/training/methods',
    type: 'TrainingMethod',
    from: './method.ts',
    list: 'methods',
    says: 'One method a file.',
    names: 'methodNames',
  },
  {
    folder: 'engine/training/optimizers',
    type: 'Optimizer',
    from: './optimizer.ts',
    list: 'optimizers',
    says: 'One optimizer a file.',
    names: 'optimizerNames',
  },
  {
    folder: 'engine/training/losses',
    type: 'Loss',
    from: './loss.ts',
    list: 'losses',
    says: 'One loss a file.',
    names: 'lossNames',
  },
  {
    folder: 'engine/training/noises',
    type: 'NoiseKind',
    from: './noise.ts',
    list: 'noiseKinds',
    says: 'What is made of the noise of a step, one kind a file, in the order in which they act.',
  },
  {
    folder: 'engine/training/objectives',
    type: 'Objective',
    from: './objective.ts',
    list: 'objectives',
    says: 'One objective a file.',
    names: 'objectiveNames',
  },
  {
    folder: 'engine/training/masks',
    type: 'MaskSource',
    from: './mask.ts',
    list: 'maskSources',
    says: 'Where the masks of pictures come from, one place a file.',
    names: 'maskedLossNames',
  },
  {
    folder: 'engine/training/loss-weights',
    type: 'LossWeight',
    from: './loss-weight.ts',
    list: 'lossWeights',
    says: 'One loss weight a file.',
    names: 'lossWeightNames',
  },
  {
    folder: 'engine/datasets/cautions',
    type: 'Caution',
    from: './caution.ts',
    list: 'cautions',
    says: 'What may be unwise about a set, one rule a file.',
  },
  {
    folder: 'engine/training/courses',
    type: 'Course',
    from: './course.ts',
    list: 'courses',
    says: 'One course a file.',
    names: 'courseNames',
  },
  {
    folder: 'engine/training/timestep-draws',
    type: 'TimestepDraw',
    from: './timestep-draw.ts',
    list: 'timestepDraws',
    says: 'One draw of timesteps a file.',
    names: 'timestepDrawNames',
  },
  {
    folder: 'engine/training/preservations',
    type: 'Preservation',
    from: './preservation.ts',
    list: 'preservations',
    says: 'One way of preserving what a model can do a file.',
    names: 'preservationNames',
  },
  {
    folder: 'main/fetching/sources',
    type: 'FetchSource',
    from: '../plan.ts',
    list: 'fetchSources',
    says: 'Where models and adapters come from, one place a file.',
  },
  {
    folder: 'main/operations/axes',
    type: 'AxisKind',
    from: './axis.ts',
    list: 'axisKinds',
    says: 'What a grid can vary, one kind a file.',
  },
  {
    folder: 'main/operations/beside',
    type: 'BesideFormat',
    from: './beside.ts',
    list: 'besideFormats',
    says: "What other programs write beside an adapter's file, one kind a file; the first's word counts.",
  },
  {
    folder: 'main/recipes/importers',
    type: 'RecipeImporter',
    from: '../importer.ts',
    list: 'recipeImporters',
    says: 'The programs whose settings of training are read, one a file.',
  },
  {
    folder: 'main/operations/programs',
    type: 'ModelProgram',
    from: './program.ts',
    list: 'programs',
    says: 'The programs whose models are found, one a file.',
  },
  {
    folder: 'engine/captioning/kinds',
    type: 'Captioner',
    from: '../captioner.ts',
    list: 'captioners',
    says: 'What says captions of pictures, one kind a file.',
  },
]
