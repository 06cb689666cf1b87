// Schemas are interpreted here: compiling them needs `new Function`, which the content policy forbids. Imported before anything that makes one.
import { config } from 'zod'

config({ jitless: true })
