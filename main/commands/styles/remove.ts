import { z } from 'zod'
import { stylesOf } from '../../operations/drawn-form.ts'
import { changeStyles, stylesCalled, type PromptStyle } from '../../operations/style-file.ts'
import { hostCommand } from '../../studio/command.ts'

/** Throws `style-unknown`, `styles-unreadable`. */
export const remove = hostCommand({
  input: z.strictObject({ name: z.string().min(1).max(200) }),
  run: ({ places }, { name }): Promise<readonly PromptStyle[]> =>
    changeStyles(stylesOf(places.root), (styles) => {
      const gone = stylesCalled([name], styles)
      return styles.filter((one) => !gone.includes(one))
    }),
})
