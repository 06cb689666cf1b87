// Tells a person who looks elsewhere: progress at the taskbar, and a notification when a job has ended.
import type { JobSummary } from '../api/methods/jobs.ts'
import type { StudioHost } from '../host/host.ts'
import type { Electron, Window } from './electron-api.ts'

const ends: Readonly<Record<string, string>> = { done: '✓', failed: '✕', interrupted: '…' }

export function announceEnds(
  { Notification }: Pick<Electron, 'Notification'>,
  host: Pick<StudioHost, 'listen' | 'invoke'>,
  window: () => Window | undefined,
): void {
  const told = new Map<string, string>()
  /** The job whose progress the taskbar shows: what happens to others, say one that joins the queue, leaves it alone. */
  let followed: string | undefined
  host.listen(({ topic, payload }) => {
    if (topic !== 'jobs') return
    const { job } = payload as { job: JobSummary }
    const shown = window()
    const running = job.state === 'running' && job.steps > 0
    if (running || followed === job.id) shown?.setProgressBar(running ? Math.min(1, job.step / job.steps) : -1)
    if (running) followed = job.id
    const sign = ends[job.state]
    const news = told.get(job.id) !== job.state
    told.set(job.id, job.state)
    if (!sign || !news || shown?.isFocused() || !Notification.isSupported()) return
    void host.invoke('settings.get', {}).then((reply) => {
      const wanted = reply.ok && (reply.value as { notifications?: boolean }).notifications
      if (!wanted) return
      const note = new Notification({ title: `${sign} ${job.title}`, body: job.error?.message ?? '' })
      note.on('click', () => {
        const there = window()
        there?.show()
        there?.focus()
      })
      note.show()
    })
  })
}
