// Holds one provider against recorded cases: forward pass and one LoRA step. A process of its own, because the driver is chosen by
// environment variables that count only at its start, and because a driver may take the process down.
// node build/parity/on-provider.ts PROVIDER KIND,… DIR … prints one measure a line as JSON.
import type { Provider } from '../../engine/runtime/session.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { unet } from './forward.ts'
import { loraGradients } from './gradients.ts'
import type { Measure } from './measure.ts'
import { RecordedCase } from './recorded-case.ts'

const bars = { unet: 1e-3, 'lora-gradients': 1e-2 } as const
const [provider, kinds = '', ...folders] = process.argv.slice(2)
const wanted = kinds.split(',')

for (const folder of folders) {
  await using recorded = await RecordedCase.open(folder)
  const path = recorded.layouts.diffusers
  if (!path) throw new Error(`The case ${recorded.name} has no diffusers layout`)
  await using model = await Model.open(path, { provider: provider as Provider, threads: 1 })
  // Under this name no check is made twice, with and without recomputation: what differs there does not depend on the provider.
  const setting = { recorded, layout: `diffusers on ${provider}`, model }
  for (const check of recorded.checks) {
    if (!wanted.includes(check.kind)) continue
    if (check.kind === 'unet') report(await unet(setting, check), bars.unet)
    if (check.kind === 'lora-gradients') report(await loraGradients(setting, check), bars['lora-gradients'])
  }
}

function report(measures: readonly Measure[], bar: number): void {
  for (const measure of measures) console.log(JSON.stringify({ ...measure, bar }))
}
