import { z } from 'zod'
import { emphasis } from '../../../engine/requests/generate.ts'
import type { CountedPrompt } from '../../api/methods/prompts.ts'
import { withoutMentions } from '../../api/prompt-mentions.ts'
import { id } from '../../api/shapes.ts'
import { embeddingsCalled } from '../../stores/library-embeddings.ts'
import { hostCommand } from '../../studio/command.ts'

/** How many tokens a prompt takes of each text encoder of a model, and where its chunks begin and end in it. */
export const count = hostCommand({
  input: z.strictObject({
    prompt: z.string().max(20_000),
    emphasis: emphasis.default('a1111'),
    model: id.optional(),
    steps: z.int().min(1).max(1000).default(20),
  }),
  async run({ models, tools, library }, { prompt: written, emphasis: reading, model, steps }): Promise<CountedPrompt> {
    const prompt = withoutMentions(written)
    const { path } = await models.get(model)
    return tools.call('countPromptTokens', {
      model: path,
      prompt,
      emphasis: reading,
      calls: steps,
      embeddings: embeddingsCalled(library, [prompt]),
    })
  },
})
