// 生成页的画布及其周围。
export const zhCanvas = {
  'app.why': '说明：{of}',
  'generate.bar': '图片设置',
  'generate.size': '尺寸',
  'generate.canvas': '画布',
  'generate.waits': '前面还有 {n} 个任务',
  'generate.undo': '撤销表单的上一次改动',
  'generate.redo': '重做',
  'canvas.zoom': '缩放',
  'canvas.in': '放大',
  'canvas.out': '缩小',
  'canvas.fit': '显示整张图片',
  'canvas.actual': '{share}：按像素显示',
} as const
