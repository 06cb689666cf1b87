// Embeddings of OneTrainer: vectors of a trigger word, learnt alone (training method EMBEDDING) or beside an adapter (additional embeddings).
// Reference: modules/util/config/TrainConfig.py, TrainEmbeddingConfig.
import { because } from '../../../engine/requests/reason.ts'
import { isOpen, numberOf, switchOf, taking, textOf, type Row, type Rows, type Settings, type Taken } from '../mapping.ts'

type Table = Readonly<Record<string, unknown>>

export const learnsEmbedding = (all: Settings): boolean => all.training_method === 'EMBEDDING'

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value)
const listed = (value: unknown): Table[] => (Array.isArray(value) ? value.filter(isTable) : [])

/** Whether there are vectors that the run learns. */
const learns = (all: Settings): boolean => learnsEmbedding(all) || listed(all.additional_embeddings).length > 0

/** Its one embedding; of a file that says nothing of it, as its defaults have it. */
function learnt(embedding: Table, all: Settings, more?: Taken['differs']): Taken {
  const { placeholder, token_count: count, initial_embedding_text: start, train, is_output_embedding: output, model_name: file } = embedding
  const ended = textOf(embedding.stop_training_after_unit) === 'STEP' ? numberOf(embedding.stop_training_after) : undefined
  const differs =
    more ??
    (switchOf(output) === true
      ? because('import-output-embedding', 'There the vectors stand behind the text encoder; here before it.')
      : switchOf(train) === false || !isOpen(file)
        ? because('import-known-embedding', 'There an embedding of a file is used; here its vectors begin as words.')
        : undefined)
  const set = {
    trigger: textOf(placeholder) ?? '<embedding>',
    triggerVectors: numberOf(count) ?? 1,
    triggerStart: textOf(start) ?? '*',
    ...(numberOf(all.embedding_learning_rate) === undefined ? { triggerRate: numberOf(all.learning_rate) } : {}),
    ...(ended === undefined ? {} : { triggerSteps: ended }),
  }
  return { set, ...(differs ? { differs } : {}) }
}

const whereLearnt =
  (row: Row): Row =>
  (value, all) =>
    learns(all) ? row(value, all) : undefined

export const embeddingRows: Rows = {
  embedding: (value, all) => (learnsEmbedding(all) ? learnt(isTable(value) ? value : {}, all) : undefined),
  additional_embeddings(value, all) {
    const [first, ...others] = listed(value)
    if (!first) return undefined
    const several = because('import-one-embedding', 'There several embeddings are learnt; here the first one is.')
    if (learnsEmbedding(all)) return { differs: several }
    return learnt(first, all, others.length > 0 ? several : undefined)
  },
  embedding_learning_rate: whereLearnt(taking(numberOf, (rate) => ({ set: { triggerRate: rate } }))),
  preserve_embedding_norm: whereLearnt(taking(switchOf, (norm) => ({ set: { triggerNorm: norm } }))),
}
