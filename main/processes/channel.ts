// A process of ours that does heavy work, as its owner sees it. Launched by child_process here and by Electron's utilityProcess in a window.
import type { ErrorRecord } from '../../engine/requests/error.ts'

/** `engine` trains and generates; `tools` reads pictures, adapters and checkpoints from strangers; `devices` tries drivers. */
export type WorkerRole = 'engine' | 'tools' | 'devices'

export interface WorkerChannel {
  readonly pid: number | undefined
  /** Plain data by structured clone. */
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, with what is known of the reason. */
  onExit(listener: (reason: string) => void): void
  kill(): void
}
/** `more` goes into its environment: what libraries read as they are loaded. */
export type LaunchWorker = (role: WorkerRole, more?: Readonly<Record<string, string>>) => WorkerChannel

/** Owner → worker. */
export type Request =
  | { readonly type: 'call'; readonly call: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'abort'; readonly call: number }
  | { readonly type: 'notify'; readonly call: number; readonly what: string }

/** Worker → owner. */
export type Response =
  | { readonly type: 'event'; readonly call: number; readonly event: unknown }
  | { readonly type: 'value'; readonly call: number; readonly value: unknown }
  | { readonly type: 'error'; readonly call: number; readonly error: ErrorRecord }
