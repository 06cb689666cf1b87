// Ctrl-C: the first asks the work to stop and save, a later one ends the process.

/** One key press reaches a process several times: from the terminal, from npm, and from the launcher. */
const samePress = 1000

/** Aborts at the first SIGINT or SIGTERM. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  let first = 0
  const stop = (): void => {
    if (!controller.signal.aborted) {
      first = performance.now()
      controller.abort()
      if (process.stderr.isTTY) process.stderr.write('\nStopping … (Ctrl-C again ends at once; the last checkpoint stays)\n')
    } else if (performance.now() - first > samePress) process.exit(130)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
