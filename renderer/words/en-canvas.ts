// Words for the canvas of Generate and what stands around it.
export const enCanvas = {
  'app.why': 'About: {of}',
  'generate.bar': 'Settings of the picture',
  'generate.size': 'Size',
  'generate.canvas': 'Canvas',
  'generate.waits': 'Waits behind {n|one job|# jobs}',
  'generate.undo': 'Undo the last change of the form',
  'generate.redo': 'Do it again',
  'canvas.zoom': 'Zoom',
  'canvas.in': 'Nearer',
  'canvas.out': 'Further off',
  'canvas.fit': 'Fit the whole picture',
  'canvas.actual': '{share}: show it pixel by pixel',
} as const
