import { expect, test } from 'vitest'
import { withoutMentions } from './prompt-mentions.ts'
import { parsePrompt } from './prompt.ts'

test.each(['a cat', 'a, <lora:ink:0.8>, cat', '<lora:a:1><lyco:b> x', 'a,, b', 'a <lora:> cat', 'x, <lora:a>, <lora:b>,y'])(
  'tags leave blanks, so that everything stays where it is: %s',
  (prompt) => {
    const text = withoutMentions(prompt)
    expect(text).toHaveLength(prompt.length)
    // As it is encoded, but for blanks.
    expect(text.replace(/\s+/g, '')).toBe(parsePrompt(prompt).text.replace(/\s+/g, ''))
  },
)
