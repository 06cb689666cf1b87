// Words for the language of prompts, and for what guides by them.
export const enPrompts = {
  'field.guidanceStart': 'Guidance from',
  'reason.guidanceStart': 'So much of the steps goes before guidance begins, by the prompt and the stack alone. 0: guided from the first.',
  'field.cfgRescale': 'CFG rescale',
  'reason.cfgRescale': 'Takes back contrast that guidance adds. 0.7 is usual for v-prediction with zero terminal SNR; 0: none.',
  'field.cfgRescaleAs': 'Rescaled as in',
  'reason.cfgRescaleAs': 'diffusers rescales what the model predicts, ComfyUI v. Models of v know no difference.',
  'field.clipSkip': 'CLIP skip',
  'reason.clipSkip':
    'The layer of the text encoder that is read, from its end. 2 is usual for models of anime; SD 2 and SDXL are read at 2 by themselves.',
  'prompt.tokens': '{tokens}/{room}',
  'prompt.tokens.why': 'Tokens of the last chunk, and how many one holds. A longer prompt is cut into chunks that are read one by one.',
  'prompt.chunks': '{n|one chunk|# chunks}',
  'prompt.border': 'Cut here, since no more goes in',
  'prompt.varies': 'It changes while it is drawn or by the seed; the longest is counted.',
  'choice.emphasis.a1111-ignore': 'As in A1111, without weights',
  'choice.emphasis.a1111-no-norm': 'As in A1111, without their norm',
} as const
