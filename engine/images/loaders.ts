// sharp with every decoder off but those of the formats that are read. An SVG, say, can read other files into its pixels; a picture from a stranger must not.
// The switch is global to the process: whatever else wants an SVG drawn must do so in a process of its own.
import sharp from 'sharp'
import { pictureFormats } from './formats/index.ts'

sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: pictureFormats.flatMap(({ decoder }) => ('loader' in decoder ? decoder.loader : [])) })
// Pictures are read several at a time by us; more threads inside each, and a cache of what is read once, only cost memory.
sharp.concurrency(1)
sharp.cache(false)

export default sharp
