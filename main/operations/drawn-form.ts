// The texts of a form as they are drawn: in its styles, and with their choices made by its seed.
import { join } from 'node:path'
import type { Emphasis } from '../../engine/requests/generate.ts'
import { drawnPrompt, type WildcardLines } from '../../engine/text/drawn-prompt.ts'
import type { AskedPrompts } from '../api/methods/generate.ts'
import { inStyle, readStyles, stylesCalled, type PromptStyle } from './style-file.ts'
import { wildcardLines } from './wildcard-files.ts'

/** Texts that choices were made of, in their styles: what A1111's pictures call Template. */
export interface Templates {
  readonly prompt?: string
  readonly negative?: string
}

interface Form extends Omit<AskedPrompts, 'styles'> {
  readonly styles?: readonly string[] | undefined
  readonly seed: number
  readonly emphasis: Emphasis
}
export interface DrawnForm<Of> {
  /** Without styles. */
  readonly form: Of
  readonly templates?: Templates
  /** Where the form says something else now. */
  readonly asked?: AskedPrompts
}

/** What prompts are made of beside themselves. */
export interface PromptSource {
  readonly lines: WildcardLines
  readonly styles: () => Promise<readonly PromptStyle[]>
}

export const wildcardsOf = (root: string): string => join(root, 'wildcards')
export const stylesOf = (root: string): string => join(root, 'styles.csv')

/** Those of a data folder, each file read once. */
export function promptSource(root: string): PromptSource {
  let styles: Promise<readonly PromptStyle[]> | undefined
  return { lines: wildcardLines(wildcardsOf(root)), styles: () => (styles ??= readStyles(stylesOf(root))) }
}

/** A form without styles and choices comes back as it is. Throws `style-unknown`, `styles-unreadable`, `wildcard-loop`, `prompt-endless`. */
export async function drawnForm<Of extends Form>(given: Of, { lines, styles }: PromptSource): Promise<DrawnForm<Of>> {
  const { styles: names = [], ...rest } = given
  const { prompt, negative, seed, emphasis } = given
  const called = names.length > 0 ? stylesCalled(names, await styles()) : []
  const styled = {
    prompt: called.reduce((text, style) => inStyle(text, style.prompt), prompt),
    negative: called.reduce((text, style) => inStyle(text, style.negative), negative),
  }
  // diffusers knows no signs at all.
  const said = async (text: 'prompt' | 'negative') =>
    emphasis === 'none' ? styled[text] : drawnPrompt(styled[text], lines, { seed, text })
  const drawn = { prompt: await said('prompt'), negative: await said('negative') }
  const templates = {
    ...(drawn.prompt === styled.prompt ? {} : { prompt: styled.prompt }),
    ...(drawn.negative === styled.negative ? {} : { negative: styled.negative }),
  }
  return {
    form: { ...rest, ...drawn } as unknown as Of,
    ...(Object.keys(templates).length > 0 ? { templates } : {}),
    ...(drawn.prompt === prompt && drawn.negative === negative
      ? {}
      : { asked: { prompt, negative, ...(names.length > 0 ? { styles: [...names] } : {}) } }),
  }
}
