// 各种选择（训练方法、适配器类型、优化器等）的一句话说明：做什么、何时选用。英文写在该选择自己的文件里（sentence）；这里按“字段.名称”。
export const zhChoices: Readonly<Record<string, string>> = {
  // 训练方法
  'method.adapter': '按所选的适配器类型照常训练：最普通的方式，与其他各项都能搭配。先选它。',
  'method.adalora':
    '起初的秩比最后保留的多，随后去掉最不重要的，使每层只留下所需的秩：想要文件小而质量好时选它，学习率取 LoRA 的五到十倍。',
  // 适配器类型
  'variant.lora': '给每层加上两个小矩阵之积：通用标准，各种程序都能读取。没有特别理由就选它。',
  'variant.dora': '把每个输出的强弱与方向分开学习的 LoRA：低秩时往往更好，每步稍慢。',
  'variant.loha': '两个低秩变化逐数相乘，秩 R 可达 R²：想用小文件学丰富的风格时选它。',
  'variant.lokr': '用重复的小块（克罗内克积）拼出一层的变化：文件最小，适合学风格，不太适合学细节。',
  'variant.oft': '只转动一层的输出而不拉伸，模型原有的知识保留得更多：求稳时选它，每步较慢。',
  'variant.ia3': '只让各通道变强或变弱：要训练的最少，文件极小，足以让风格略有变化。',
  // 基础权重
  'baseWeights.stored': '模型的权重保持文件中的样子：精确，内存够用时也最快。',
  'baseWeights.nf4': '像 QLoRA 那样用 4 位保存模型的权重：内存只需 16 位的四分之一，每步较慢。模型放不下时选它。',
  // 优化器
  'optimizer.adamw': '沿平均梯度走，每个数有自己的步幅：几乎任何设置下都稳。内存不紧就选它。',
  'optimizer.lion': '每个数沿平均梯度的方向走同样的一步：内存只需 AdamW 的一半。学习率要低三到十倍。',
  'optimizer.sgd': '直接沿梯度走，可带动量：内存最省，学习率要比 AdamW 高得多。多用于比较，日常少用。',
  'optimizer.adafactor': '矩阵的均方只按行和列保存：内存只需 AdamW 的一小部分，质量相近。内存紧张时选它。',
  'optimizer.prodigy': '在训练中自己找到学习率：学习率保持 1 即可。不知道该用多大时选它；起初几步比较谨慎。',
  'optimizer.schedule-free': '用权重的平均代替学习率曲线的 AdamW：事先不知道要多少步时选它，满意时停下即可。',
  'optimizer.muon': '把每个矩阵的动量正交化，各方向学得一样快：很少的步数就能走很远。内存是 AdamW 的一半，每步较慢。',
  // 目标
  'objective.epsilon': '以噪声的误差衡量，与 Stable Diffusion 1.x 的训练相同：对预测 v 的模型，高噪声样本因此计入较少。',
  'objective.v': '以噪声与图片之间的 v 的误差衡量：对预测 ε 的模型，决定构图的高噪声样本因此计入更多。',
  'objective.x0': '以图片本身的误差衡量：噪声最大的样本计入最多。对预测 ε 的模型，请与 min-SNR 或其柔和形式同用。',
  // 损失函数
  'loss.l2': '大的误差计入最多：与模型本身的训练相同。通常用它。',
  'loss.l1': '误差无论大小，拉力都一样：最不易被带偏，也最慢稳定下来。',
  'loss.huber': '小误差按平方、大误差按绝对值计：不想让少数异常图片左右整体时选它。',
  'loss.smooth-l1': '除以阈值的 Huber：阈值越小，误差计入越多，像尖端变圆的 L1。',
  'loss.blend': '平方、绝对值、log-cosh 与 Huber 按各自强度相加：沿用 OneTrainer 的设置时选它。',
  // 蒙版
  'maskedLoss.alpha': '图片中不透明的部分参与学习，透明的不参与：主体已抠好时选它。',
  'maskedLoss.sidecar': '每张图片旁的灰度图 name-masklabel.png：白色参与学习，黑色不参与。与 OneTrainer 写出的相同。',
  'maskedLoss.folder': '单独文件夹中与图片同名的蒙版：白色参与学习，黑色不参与。与 sd-scripts 相同。',
  // 损失权重
  'lossWeight.constant': '无论噪声多少，每个样本都同样计入：普通的损失。',
  'lossWeight.debiased': '决定构图与色彩的高噪声样本计入更多：主体的形状出不来时选它。',
  'lossWeight.min-snr': '几乎没有噪声的样本计入较少，以免盖过其他样本：更稳，往往也更快学像。',
  // 学习率曲线
  'course.constant': '预热之后学习率不变：打算看着效果停，或者对权重取平均时选它。',
  'course.cosine': '学习率先慢后快、最后平缓地降到零：细节在最后定下来。通常用它。',
  'course.linear': '学习率均匀地降到零：与余弦相近，停在最高处的时间更短。',
  // 噪声级别
  'lossWeight.p2': '几乎没有噪声、只剩难以察觉的细节可学的样本计入越来越少：看重形状与内容时选它。',
  'lossWeight.soft-min-snr': '拐角变圆的 min-SNR：同样稳，中等噪声的样本计入略少。',
  'timestepDraw.sigmoid': '中心固定的 logit-normal，名称与尺度同 sd-scripts：沿用那里的设置时选它。',
  'timestepDraw.logistic': '噪声越大出现得越多，沿 S 形曲线：看重构图与色彩时选它。OneTrainer 称之为 sigmoid。',
  'timestepDraw.heavy-tail': '更多地看中等噪声级别，两端也仍够多：比 logit-normal 温和。',
  'timestepDraw.cos-map': '中间的出现次数是两端的两倍，没有可调的。',
  'timestepDraw.inverted-parabola': '中间附近的级别更多，远处的更少或没有：想自定噪声分布时选它。',
  'timestepDraw.beta': '两端各用一个数决定多看还是少看：默认值多看细节所在的干净级别。',
  'timestepDraw.uniform': '各种噪声级别出现得一样多：与模型本身的训练相同。',
  'timestepDraw.logit-normal': '更多地看中等的噪声级别，图片的大部分就在那里决定；中心可以移动。',
  'preservation.output': '让模型对中性说明的回答保持原样，不需要额外图片：模型忘掉原有能力时选它。每步更慢。',
  'preservation.pictures': '在自己的图片之间穿插同类图片，以免单个主体变成整个类别：训练人物或物品，且备有这类图片时选它。',
  'optimizer.adamw-8bit': '均值用 8 位保存的 AdamW：内存只需四分之一，步子几乎相同。大的适配器，或训练全部权重时选它。',
  'optimizer.lion-8bit': '动量用 8 位保存的 Lion：每个数只占一个字节，是自适应优化器中最省的。学习率要比 AdamW 低三到十倍。',
  'optimizer.paged-adamw': '均值放在文件中、按页取用的 AdamW：内存放不下均值而磁盘够快时选它。',
  'optimizer.paged-adamw-8bit': '8 位并放在文件中的 AdamW：训练全部权重时内存最省，速度取决于磁盘。',
  'method.dylora':
    '一次训练所选秩以内的所有秩，之后按行裁开，每一份都与训练时一致：要由别的程序按行裁小文件时选它；否则裁小普通 LoRA 效果更好。',
  'method.full': '直接学习模型自身的权重，不用适配器：是其他方法的标尺，内存也用得最多。小模型，或只训练归一化与偏置时选它。',
  'method.lora-fa': '第一个矩阵保持初始值不变的 LoRA：要学的只有一半，为它保留的数值也更少。内存紧张时选它。',
  'method.t-lora': '噪声越大，参与学习的秩越少，以免背下构图：图片很少而秩远高于所需时选它。',
  'start.standard': '按所选适配器类型自身的方式开始，起初什么都不改变：通常用它，几乎都适合。',
  'start.gaussian': 'A 从正态随机数开始，秩越高数值越小，与 diffusers 的脚本相同：想与它们一致时选它。',
  'start.orthogonal': '两个矩阵都不从零开始而乘积为零，从第一步起都在学习：步数少时选它。',
  'start.svd-down': 'A 从该层读取最多的方向开始，不浪费在几乎不经过的方向上：秩较低时选它。',
  'start.pissa': '从每个权重最强的部分开始并继续学习：更快学像，文件的秩是两倍。',
  'start.olora': '从每个权重 QR 分解的前几个方向开始：类似 PiSSA，开始得更快。文件的秩是两倍。',
}
