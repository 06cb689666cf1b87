// What the screens do, by the names of the contract: their list, and any of them with its input as JSON.
import { z } from 'zod'
import { command, described } from '../api/command.ts'
import { callStudio, fromJson, studioMethods } from './studio-methods.ts'

export const studio = command({
  name: 'studio',
  summary: 'List what the screens of the studio do: each is a command too, e.g. `datasets.list`, on the same data.',
  positional: 'method',
  input: described(z.object({ method: z.string().optional(), input: z.string().default('{}'), wait: z.boolean().default(false) }), {
    method: ['METHOD', 'a method of the contract; without it, their names are listed'],
    input: ['JSON', 'its input'],
    wait: 'wait until the job that it put into the queue has ended',
  }),
  run: async (context, { method, input, wait }, signal) =>
    method === undefined
      ? { methods: studioMethods.map(({ name }) => name) }
      : callStudio(context, method, fromJson(input, '--input'), wait, signal),
})
