import type { RaceTask } from '../../operations/race/task.ts'
import { bringModel, carrier } from '../carrier.ts'

export const raceEntrant = carrier<RaceTask>({
  home: ({ race }) => race.out,
  carry: ({ race, ...rest }, carrying) => ({
    ...rest,
    race: { ...bringModel(race, carrying), dataset: carrying.bring(race.dataset), out: carrying.leave(race.out) },
  }),
})
