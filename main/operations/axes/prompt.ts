import type { AxisKind } from './axis.ts'

/** Whole prompts, one in place of the other. */
export const promptAxis: AxisKind = {
  name: 'prompt',
  called: ['Prompt'],
  read: (words) => words,
  steps: ({ values }) => values.map(String).map((prompt) => ({ label: prompt, change: (form) => ({ ...form, prompt }) })),
}
