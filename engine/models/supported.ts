import { families } from './families/index.ts'

/** The titles of all families: "A, B and C". */
export const supportedTitles = (and: 'and' | 'or'): string => {
  const titles = families.map(({ title }) => title)
  return [titles.slice(0, -1).join(', '), ...titles.slice(-1)].filter((part) => part !== '').join(` ${and} `)
}
