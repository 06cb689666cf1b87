// What a hundred pictures of a job warn of in the same words is told once.

interface Told {
  emit(event: unknown): void
}

/** The same context, in which a warning of the same words goes through only the first time. */
export function warningOnce<Context extends Told>(context: Context): Context {
  const told = new Set<unknown>()
  const emit = (event: unknown): void => {
    const { type, message } = event as { readonly type?: unknown; readonly message?: unknown }
    if (type === 'warning' && told.has(message)) return
    if (type === 'warning') told.add(message)
    context.emit(event)
  }
  return { ...context, emit }
}
