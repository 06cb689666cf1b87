// 引擎给出的理由（识别模型的依据、设备为何不用）的中文说法：左边是英文原句，{…} 处的内容照搬或再译。
export const zhReasons: Readonly<Record<string, string>> = {
  // 模型的识别依据
  'The file has the ldm layout: a UNet below "{prefix}".': '文件采用 ldm 布局：UNet 位于“{prefix}”之下。',
  'The text encoder has Hugging Face names below "{prefix}", as in Stable Diffusion 1.x.':
    '文本编码器在“{prefix}”之下，采用 Hugging Face 的命名，与 Stable Diffusion 1.x 相同。',
  'The text encoder has open_clip names below "{prefix}", as in Stable Diffusion 2.x.':
    '文本编码器在“{prefix}”之下，采用 open_clip 的命名，与 Stable Diffusion 2.x 相同。',
  'Two text encoders stand below "{prefix}", as in Stable Diffusion XL base.':
    '“{prefix}”之下有两个文本编码器，与 Stable Diffusion XL base 相同。',
  'model_index.json names StableDiffusionPipeline, and the UNet projects with convolutions, as in 1.x.':
    'model_index.json 写明 StableDiffusionPipeline，且 UNet 用卷积投影，与 1.x 相同。',
  'model_index.json names StableDiffusionPipeline, and the UNet projects tokens with linear layers, as in 2.x.':
    'model_index.json 写明 StableDiffusionPipeline，且 UNet 用线性层投影，与 2.x 相同。',
  'model_index.json names {pipeline} with two text encoders.': 'model_index.json 写明 {pipeline}，带有两个文本编码器。',
  'The UNet projects tokens with linear layers.': 'UNet 用线性层投影。',
  'The UNet projects with convolutions.': 'UNet 用卷积投影。',
  'The last of {count} text layers is left out: the UNet hears the one before it.':
    '{count} 层文本层中的最后一层不用：UNet 读取的是它前面的一层。',
  'Cross-attention is {width} wide, the usual of {family}.': '交叉注意力宽 {width}，正是 {family} 的常用值。',
  'Cross-attention is {width} wide; {family} usually has {usual}.': '交叉注意力宽 {width}；{family} 通常为 {usual}。',
  'The VAE is that of "{file}".': 'VAE 取自“{file}”。',
  'It predicts {what}: {why}.': '它预测 {what}：{why}。',
  'you chose so': '这是你的选择',
  'scheduler/scheduler_config.json says so': 'scheduler/scheduler_config.json 这样写',
  'the metadata says prediction_type "{said}"': '元数据中的 prediction_type 为“{said}”',
  'the metadata says architecture "{said}"': '元数据中的 architecture 为“{said}”',
  '"{file}" says parameterization "v"': '“{file}”中的 parameterization 为“v”',
  'the file carries the marker "v_pred"': '文件带有标记“v_pred”',
  'the biases of its last transformer block are spread as those of the 768 models':
    '最后一个 transformer 块的偏置的离散程度与 768 模型相同',
  'nothing in the file says otherwise; choose v prediction if its pictures are only noise':
    '文件中没有别的说明；如果画出的只有噪点，请改选 v 预测',
  // 设备为何不用
  'This build of the runtime does not carry it on this platform.': '本系统的运行库不含它。',
  "Its answer differs from the CPU's by {error} (allowed: {limit}).": '它的结果与 CPU 相差 {error}（最多允许 {limit}）。',
  'The process of its self-test ended ({reason}): the driver is broken.': '自检进程中途结束（{reason}）：驱动程序有故障。',
  'Its self-test did not end within {seconds} seconds.': '自检在 {seconds} 秒内没有完成。',
  'It works, but is only {factor} times as fast as the CPU.': '它能用，但速度只有 CPU 的 {factor} 倍。',
  'It works, but is far slower than the CPU.': '它能用，但比 CPU 慢得多。',
}
