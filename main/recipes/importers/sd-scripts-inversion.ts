// Options of sd-scripts' train_textual_inversion.py and sdxl_train_textual_inversion.py. Reference: their setup_parser.
import { because } from '../../../engine/requests/reason.ts'
import { isOpen, notHere, number, numberOf, switchOf, taking, text, textOf, type Row, type Rows, type Settings } from '../mapping.ts'

/** Of the settings that rows see: whether the script learns vectors of a word. */
export const inversion = 'script learns an embedding'
export const learnsEmbedding = (all: Settings): boolean => all[inversion] === true

const whereLearnt =
  (row: Row): Row =>
  (value, all) =>
    learnsEmbedding(all) ? row(value, all) : undefined

const templates: Row = (value) =>
  isOpen(value) || switchOf(value) === false
    ? undefined
    : {
        differs: because(
          'import-templates',
          'There captions are templates around the word; here those of the pictures, with the word before them.',
        ),
      }

export const inversionRows: Rows = {
  token_string: whereLearnt(
    taking(textOf, (word, all) => ({
      set: {
        trigger: word,
        triggerVectors: numberOf(all.num_vectors_per_token) ?? 1,
        unetRate: 0,
        triggerRate: numberOf(all.learning_rate),
      },
    })),
  ),
  num_vectors_per_token: whereLearnt(number('triggerVectors')),
  init_word: whereLearnt(text('triggerStart')),
  use_object_template: templates,
  use_style_template: templates,
  weights: notHere,
}
