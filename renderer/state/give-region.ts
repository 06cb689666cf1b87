// How a mask that was painted or chosen becomes the region of an adapter.
import { generate } from './generate.svelte.ts'
import { host } from './host.svelte.ts'

/** Gives an adapter of the stack a mask as its region: white where it acts. Any brush may call it with what it painted, a PNG in the picture's shape. */
export async function giveRegion(adapter: string, mask: Blob): Promise<void> {
  const kept = await host.attempt(async () =>
    host.api.generate.keepPicture({ drop: await host.api.drop([{ path: 'region.png', blob: mask }]) }),
  )
  const entry = generate.form.stack.find((one) => one.adapter === adapter)
  if (kept && entry) entry.region = kept.path
}
