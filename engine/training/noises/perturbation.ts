// Ning et al. 2023, "Input Perturbation Reduces Exposure Bias in Diffusion Models" (arXiv 2301.11706): the network sees a little more noise than it is
// asked for, as it will when it draws from its own answers. Reference: sd-scripts get_noise_noisy_latents_and_timesteps, ip_noise_gamma.
import { refuseWithout } from '../../requests/field-needs.ts'
import type { NoiseKind } from './noise.ts'

export const perturbation: NoiseKind = {
  name: 'perturbation',
  open(request) {
    const { ipNoiseGamma: most, ipNoiseGammaRandomStrength: varies = false } = request
    if (!most) return refuseWithout(request, 'ipNoiseGamma', ['ipNoiseGammaRandomStrength'])
    return {
      seen({ shape, data }, { random }) {
        const gamma = varies ? most * (random('input perturbation strength').uniform(1)[0] ?? 0) : most
        const draws = random('input perturbation').normal(data.length)
        return { shape, data: data.map((value, i) => value + gamma * (draws[i] ?? 0)) }
      },
      metadata: { ss_ip_noise_gamma: String(most), ...(varies ? { ss_ip_noise_gamma_random_strength: 'True' } : {}) },
    }
  },
}
