// Which texts are encoded for a run, and which of them each call of the model follows.
import { readAsA1111, type Emphasis } from '../requests/generate.ts'
import { composedPrompts, scheduledPrompt } from '../text/prompt-schedule.ts'

/** What is followed for some calls: of each picture the prompts that it follows at once, as many of one as of another. */
export interface Moment {
  readonly negative: string
  readonly prompts: readonly (readonly string[])[]
}

export interface PromptPlan {
  /** Each once. */
  readonly moments: readonly Moment[]
  /** The moment of a call, by its number in `moments`. */
  readonly at: (call: number) => number
  /** Of each picture, how much each of its prompts counts; undefined where every picture follows one as it is. */
  readonly weights: readonly (readonly number[])[] | undefined
}

interface Asked {
  readonly prompts: readonly string[]
  readonly negative: string
  readonly emphasis: Emphasis
  /** Calls of the model, of one picture. */
  readonly calls: number
}

/** Prompts change in A1111's way of reading them alone. */
export function promptPlan({ prompts, negative, emphasis, calls }: Asked): PromptPlan {
  if (!readAsA1111(emphasis))
    return { moments: [{ negative, prompts: prompts.map((prompt) => [prompt]) }], at: () => 0, weights: undefined }
  const composed = prompts.map(composedPrompts)
  const most = Math.max(...composed.map((all) => all.length))
  // What a picture has fewer of counts nothing.
  const filled = composed.map((all) => [
    ...all,
    ...Array.from({ length: most - all.length }, () => ({ text: all[0]?.text ?? '', weight: 0 })),
  ])
  // A lone prompt may end with a number, `16:9`: A1111 takes that for a weight, which nobody means.
  const plain = most === 1
  const texts = plain ? prompts.map((prompt) => [prompt]) : filled.map((all) => all.map(({ text }) => text))
  const spoken = texts.map((all) => all.map((text) => scheduledPrompt(text, calls)))
  const kept = scheduledPrompt(negative, calls)
  const numbers = new Map<string, number>()
  const moments: Moment[] = []
  const order = Array.from({ length: calls }, (_, call) => {
    const moment = { negative: kept[call] ?? '', prompts: spoken.map((all) => all.map((said) => said[call] ?? '')) }
    const key = JSON.stringify(moment)
    const known = numbers.get(key) ?? moments.push(moment) - 1
    numbers.set(key, known)
    return known
  })
  return {
    moments,
    at: (call) => order[Math.min(call, calls - 1)] ?? 0,
    weights: plain ? undefined : filled.map((all) => all.map(({ weight }) => weight)),
  }
}
