// A rate that is far from the one that goes with the model burns the pictures or learns nothing.
import type { Caution } from './caution.ts'

const far = 5

export const farRate: Caution = {
  name: 'far-rate',
  look({ asked }) {
    if (!asked || (asked.lr <= asked.usualRate * far && asked.lr >= asked.usualRate / far)) return undefined
    const { lr, usualRate } = asked
    const much = lr > usualRate ? 'higher' : 'lower'
    const so = lr > usualRate ? 'shapes melt' : 'little is learnt'
    const message = `The learning rate ${lr} is much ${much} than the ${usualRate} that go with this model: ${so}. Leave --lr out to take the model's own.`
    return { code: `set-rate-${much}`, message, facts: { lr, usualRate } }
  },
}
