// What the studio does, asked from the terminal.
import type { EmittedRecord } from '../api/command.ts'
import type { JobSummary } from '../api/methods/jobs.ts'
import { reviveError } from '../api/revive-error.ts'
import type { TerminalContext } from './terminal-command.ts'

interface JobNews {
  readonly id: string
  readonly event: EmittedRecord
}

/** Asks the studio; with `wait`, tells what the job that it began reports, and gives the job at its end; throws what it failed with. */
export async function callStudio(
  context: TerminalContext,
  command: string,
  input: unknown,
  wait: boolean,
  signal: AbortSignal,
): Promise<unknown> {
  const { reachStudio } = await import('./reach-studio.ts')
  const studio = await reachStudio({ idle: !wait })
  try {
    let own: string | undefined
    const early: JobNews[] = []
    const ended = new Map<string, JobSummary>()
    const tell = ({ id, event }: JobNews): void => void (id === own && context.emit(event))
    studio.listen(({ topic, payload }) => {
      if (topic === 'job' && own === undefined) early.push(payload as JobNews)
      else if (topic === 'job') tell(payload as JobNews)
      const job = topic === 'jobs' ? (payload as { job: JobSummary }).job : undefined
      if (job && job.id === own && job.counts === 'bytes' && job.state === 'running')
        context.emit({ type: 'transfer', label: job.title, doneBytes: job.step, totalBytes: job.steps, eta: job.eta })
      if (job && !['queued', 'running', 'pausing', 'cancelling'].includes(job.state)) ended.set(job.id, job)
    })
    const value = await studio.invoke(command, input)
    own = (value as { id?: string } | null)?.id
    if (!wait || own === undefined) return value
    early.forEach(tell)
    while (!ended.has(own) && !signal.aborted) await new Promise((done) => setTimeout(done, 100))
    const job = ended.get(own)
    if (job?.error) throw reviveError(job.error)
    return job ?? value
  } finally {
    await studio.close()
  }
}
