// A race as it is told when it is done: more entrants than fit into a line, numbers of every length, one that could not take part.
import type { RaceDetails, RaceEntrant } from '../../../main/api/methods/race.ts'
import type { JobSummary } from '../../../main/api/methods/jobs.ts'
import { fakeJobs } from './jobs.ts'
import { mediaOf } from './pictures.ts'

const titles = ['LoRA, rank 4', 'LoRA, rank 16', 'QLoRA, rank 16', 'AdaLoRA, 24 to 16', 'DyLoRA, rank 16', 'LoRA+, rank 16', 'LoRA-FA, rank 16', 'DoRA, rank 16', 'Full fine-tuning'] // prettier-ignore
const nameOf = (title: string): string =>
  title
    .toLowerCase()
    .replace('+', '-plus')
    .replaceAll(/[^a-z\d]+/g, '-')

export const fakeEntrants: readonly RaceEntrant[] = [
  ...titles.map((title) => ({ name: nameOf(title), title, usual: true })),
  ...['LoHa', 'LoKr', 'OFT', '(IA)³'].map((title) => ({ name: title.toLowerCase(), title, usual: false })),
]

export const fakeRaceJob = (): JobSummary => fakeJobs.find(({ kind }) => kind === 'race') as JobSummary

export const fakeRace = (id: string): RaceDetails => ({
  id,
  name: 'Race: Comic outline',
  state: 'done',
  form: { name: 'Race: Comic outline', dataset: 'comic' },
  result: {
    equal: 'steps',
    seed: 0,
    prompts: ['comicline style emoji of red apple', 'comicline style emoji of sunflower'],
    measured: { pictures: 12, seen: false },
    absent: [{ name: 'lora-fa', title: 'LoRA-FA, rank 16', code: 'race-absent', reason: 'It is not in this program.' }],
    rows: ['The model alone', ...titles].map((title, i) => ({
      name: nameOf(title),
      title,
      letter: String.fromCharCode(65 + ((i * 7) % 10)),
      heldOut: 0.512 - 0.017 * i,
      style: i / 10,
      forgetting: 0.021 * i,
      pictures: [0, 1].map((k) => mediaOf(i + k, 'comic-outline')),
      ...(i === 0
        ? {}
        : {
            training: {
              steps: 125,
              lr: 2e-3,
              seconds: 61 + 23 * i,
              secondsPerStep: 0.5 + 0.18 * i,
              memoryBytes: 516e6 + 120e6 * i,
              fileBytes: 1.5e6 * i,
              trainable: 359_552 * i,
              fraction: i === 9 ? 1 : 0.026 * i,
            },
          }),
    })),
  },
})
