// What a hundred pictures of a job warn of in the same words is told once.

interface Told<Event> {
  readonly emit: (event: Event) => void
}

/** The same context, in which a warning of the same words goes through only the first time. */
export function warningOnce<Event extends { readonly type: string }, Context extends Told<Event>>(context: Context & Told<Event>): Context {
  const told = new Set<unknown>()
  const emit = (event: Event): void => {
    const message = event.type === 'warning' && 'message' in event ? event.message : undefined
    if (message !== undefined && told.has(message)) return
    if (message !== undefined) told.add(message)
    context.emit(event)
  }
  return { ...context, emit }
}
