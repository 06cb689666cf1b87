// A prompt as it is encoded, with everything where it stands.
import { parsePrompt } from './prompt.ts'

const blank = (text: string): string => ' '.repeat(text.length)

/** Blanks in place of the tags of adapters, and of commas that are left with nothing between: places in it are places in the prompt. */
export function withoutMentions(prompt: string): string {
  const text = prompt.replace(/<(?:lora|lyco):[^<>\n]{1,400}>/g, (tag) => (parsePrompt(tag).loras.length > 0 ? blank(tag) : tag))
  return text === prompt ? prompt : text.replace(/,\s*(?:,\s*)*,/g, (commas) => `,${commas.slice(1).replaceAll(',', ' ')}`)
}
