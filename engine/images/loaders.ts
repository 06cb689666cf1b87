// sharp with every decoder off but six. An SVG, say, can read other files into its pixels; a picture from a stranger must not.
// The switch is global to the process: whatever else wants an SVG drawn must do so in a process of its own.
import sharp from 'sharp'

sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadTiffBuffer',
    'VipsForeignLoadNsgifBuffer',
  ],
})
// Pictures are read several at a time by us; more threads inside each, and a cache of what is read once, only cost memory.
sharp.concurrency(1)
sharp.cache(false)

export default sharp
