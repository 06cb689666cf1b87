// Before the tests: the pages that browsers are shown, built once and not by two files at a time.
import { buildPages } from '../start.ts'

export const setup = async (): Promise<void> => void (await buildPages())
