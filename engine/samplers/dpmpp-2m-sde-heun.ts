import { dpmpp2mSde, solverOption } from './dpmpp-2m-sde.ts'
import { sdeOptions } from './sde-options.ts'
import type { Sampler } from './sampler.ts'

const options = sdeOptions.extend({ solverType: solverOption('heun') })

export const dpmpp2mSdeHeun: Sampler<typeof options> = {
  ...dpmpp2mSde,
  name: 'dpmpp-2m-sde-heun',
  title: 'DPM++ 2M SDE Heun',
  written: 'DPM++ 2M SDE Heun',
  aliases: ['dpmpp_2m_sde_heun', 'dpmpp_2m_sde_heun_gpu'],
  options,
}
