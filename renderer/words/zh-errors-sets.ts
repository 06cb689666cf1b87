// 训练前对图片集的提醒，以及停下的训练。

export const zhSetErrors: Readonly<Record<string, string>> = {
  'draw-size-far': '{width} × {height} 像素与这个模型适合的 {side} 像素相差太大：形状会重复或散架。请取接近 {side} 的尺寸。',
  'run-not-stopped':
    '“{path}”中的训练没有留下适配器：被强行结束的训练只有检查点。请再次运行同一条命令，用 Ctrl-C 或 --stop-at 停下，然后导出。',
  'set-captions-unread': '{total} 条说明中有 {count} 条不是英文，文本编码器读不懂（{names}）。请改用英文，否则提示词找不到学到的内容。',
  'set-few-pictures': '只有 {count} 张图片：学一种风格至少需要 {least} 张，否则会把图片本身背下来。请再添加一些，或减少步数。',
  'set-no-trigger': '没有触发词：没有哪个词出现在所有说明中，因此无法单独调用学到的内容，其他提示词也会跟着改变。请填写一个自己的触发词。',
  'set-pictures-large':
    '{total} 张图片中有 {count} 张比学习用的 {side} 像素大 {times} 倍以上（{names}）：细线和纹理会丢失。请裁剪出重要的部分。',
  'set-pictures-small':
    '{total} 张图片中有 {count} 张比学习用的 {side} 像素小得多（{names}）：它们会被放大，模糊也会被学进去。请换更大的图片，或降低分辨率。',
  'set-rate-higher': '学习率 {lr} 远高于适合这个模型的 {usualRate}：形状会糊掉。请恢复默认值，使用模型自己的学习率。',
  'set-rate-lower': '学习率 {lr} 远低于适合这个模型的 {usualRate}：几乎学不到东西。请恢复默认值，使用模型自己的学习率。',
  'set-warmup-long': '学习率在 {steps} 步中有 {warmup} 步都在上升：在最高处学不到多少。请减少预热步数，或训练得更久。',
  'set-size-far': '{resolution} 像素与这个模型适合的 {side} 像素相差太大：形状会重复或散架。请恢复默认分辨率，或取接近 {side} 的值。',
  'set-wide-commas': '{total} 条说明中有 {count} 条使用全角逗号，它不能分隔标签（{names}）。请把“，”换成“, ”。',
}
