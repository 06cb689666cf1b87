// Words for the regions of adapters.
export const enRegions = {
  'field.regionFeather': 'Region feather',
  'reason.regionFeather': 'Pixels over which the borders of the regions of adapters are softened.',
} as const
