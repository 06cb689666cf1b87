// 适配器的作用区域。
export const zhRegions = {
  'field.regionFeather': '区域羽化',
  'reason.regionFeather': '适配器作用区域的边缘柔化多少像素。',
} as const
