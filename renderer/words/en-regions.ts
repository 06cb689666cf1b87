// Words for the regions of adapters.
export const enRegions = {
  'field.regionFeather': 'Region feather',
  'reason.regionFeather': 'Pixels over which the borders of the regions of adapters are softened.',
  'generate.region': 'Acts in',
  'generate.region.of': 'Region of {name}',
  'generate.region.some': 'region',
  'generate.region.all': 'the whole picture',
  'generate.region.left': 'the left half',
  'generate.region.right': 'the right half',
  'generate.region.top': 'the upper half',
  'generate.region.bottom': 'the lower half',
  'generate.region.box': 'a box',
  'generate.region.box.left': 'Left',
  'generate.region.box.top': 'Top',
  'generate.region.box.width': 'Width',
  'generate.region.box.height': 'Height',
  'generate.region.auto': 'where its words are found',
  'generate.region.auto.words': 'Words of the prompt',
  'generate.region.auto.reason':
    'Found in the first third of the steps, which the model draws alone; two adapters or more share the picture out. Empty: the words that call it.',
  'generate.region.mask': 'a mask',
  'generate.region.mask.reason': 'A picture in the shape of the one to draw: the adapter acts where it is white.',
} as const
