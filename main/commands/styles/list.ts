import { none } from '../../api/shapes.ts'
import { stylesOf } from '../../operations/drawn-form.ts'
import { readStyles, type PromptStyle } from '../../operations/style-file.ts'
import { hostCommand } from '../../studio/command.ts'

/** Styles of prompts, out of `styles.csv` of the data folder. Throws `styles-unreadable`. */
export const list = hostCommand({
  input: none,
  run: ({ places }): Promise<readonly PromptStyle[]> => readStyles(stylesOf(places.root)),
})
