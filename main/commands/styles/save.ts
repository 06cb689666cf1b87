import { stylesOf } from '../../operations/drawn-form.ts'
import { changeStyles, promptStyle, type PromptStyle } from '../../operations/style-file.ts'
import { hostCommand } from '../../studio/command.ts'

/** Keeps a style, in place of one of the same name. Throws `styles-unreadable`. */
export const save = hostCommand({
  input: promptStyle,
  run: ({ places }, style): Promise<readonly PromptStyle[]> =>
    changeStyles(stylesOf(places.root), (styles) =>
      styles.some(({ name }) => name === style.name) ? styles.map((one) => (one.name === style.name ? style : one)) : [...styles, style],
    ),
})
