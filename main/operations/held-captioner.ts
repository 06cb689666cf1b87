// The captioner last asked stays open for a while: what is previewed and what is written open one model between them.
import { stat } from 'node:fs/promises'
import type { OpenCaptioner } from '../../engine/captioning/captioner.ts'
import { findCaptioner } from '../../engine/captioning/find-captioner.ts'

interface Held {
  readonly key: string
  readonly opened: Promise<OpenCaptioner>
  users: number
  timer?: NodeJS.Timeout
}
let held: Held | undefined
/** Milliseconds that it stays open unused. */
const patience = 60_000

/** Throws what is wrong with the folder or its files. */
export async function withCaptioner<T>(nameOrFolder: string, threads: number, use: (one: OpenCaptioner) => Promise<T>): Promise<T> {
  const { captioner, files } = await findCaptioner(nameOrFolder)
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size, mtimeMs }) => [file, size, mtimeMs],
        () => [file],
      ),
    ),
  )
  const key = JSON.stringify([captioner.name, stamps, threads])
  if (held?.key !== key) {
    if (held?.users === 0) await release(held)
    held = { key, opened: captioner.open(files, { threads }), users: 0 }
  }
  const mine = held
  clearTimeout(mine.timer)
  mine.users++
  try {
    return await use(await mine.opened)
  } finally {
    mine.users--
    if (mine.users === 0 && mine !== held) await release(mine)
    else if (mine.users === 0) mine.timer = setTimeout(() => void release(mine).catch(() => undefined), patience).unref()
  }
}

async function release(one: Held): Promise<void> {
  clearTimeout(one.timer)
  if (held === one) held = undefined
  const opened = await one.opened.catch(() => undefined)
  await opened?.[Symbol.asyncDispose]()
}
