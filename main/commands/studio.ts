// Everything that the screens do, from the terminal: the same methods behind the same gate.
import { z } from 'zod'
import { PigmentError } from '../../engine/spec/error.ts'
import { reviveError } from '../api/revive-error.ts'
import { studio as contract } from '../api/studio.ts'
import { command, described } from '../api/command.ts'
import type { Envelope } from '../api/transport.ts'
import { dataFolder } from '../stores/places.ts'

const methods = Object.entries(contract).flatMap(([group, own]) => Object.keys(own).map((name) => `${group}.${name}`))

export const studio = command({
  name: 'studio',
  summary: 'Do what a screen of the studio does, e.g. `studio datasets.list`, on the same data. The studio itself must be closed.',
  positional: 'method',
  input: described(z.object({ method: z.string().optional(), input: z.string().default('{}'), wait: z.boolean().default(false) }), {
    method: ['METHOD', 'a method of the contract; without it, their names are listed'],
    input: ['JSON', 'its input'],
    wait: 'wait until the job that it put into the queue has ended',
  }),
  async run(context, { method, input, wait }, signal) {
    if (method === undefined) return { methods }
    const { openHost } = await import('../studio/host.ts')
    const host = await openHost({ folder: dataFolder() })
    try {
      const ended = new Map<string, unknown>()
      host.listen((envelope) => {
        const { topic, payload } = envelope as Envelope
        if (topic === 'job') context.emit((payload as { event: { type: string } }).event)
        const job = topic === 'jobs' ? (payload as { job: { id: string; state: string } }).job : undefined
        if (job && !['queued', 'running', 'pausing', 'cancelling'].includes(job.state)) ended.set(job.id, job)
      })
      const reply = await host.invoke(method, parse(input))
      if (!reply.ok) throw reviveError(reply.error)
      const { id } = (reply.value ?? {}) as { id?: string }
      if (!wait || id === undefined) return reply.value
      while (!ended.has(id) && !signal.aborted) await new Promise((done) => setTimeout(done, 100))
      return ended.get(id) ?? reply.value
    } finally {
      await host.close()
    }
  },
})

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PigmentError(
      'usage',
      `--input is not JSON: ${cause instanceof Error ? cause.message : ''}. Write e.g. --input '{"dataset":"…"}'.`,
      {},
      cause,
    )
  }
}
