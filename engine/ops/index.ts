// Written by build/write-indexes.ts; do not edit.
import { registerOps } from '../graph/op.ts'
import { Abs } from './Abs.ts'
import { Add } from './Add.ts'
import { AveragePool } from './AveragePool.ts'
import { Cast } from './Cast.ts'
import { Clip } from './Clip.ts'
import { Concat } from './Concat.ts'
import { Conv } from './Conv.ts'
import { ConvTranspose } from './ConvTranspose.ts'
import { Cos } from './Cos.ts'
import { Div } from './Div.ts'
import { Equal } from './Equal.ts'
import { Erf } from './Erf.ts'
import { Exp } from './Exp.ts'
import { Expand } from './Expand.ts'
import { Flatten } from './Flatten.ts'
import { Gather } from './Gather.ts'
import { Identity } from './Identity.ts'
import { InstanceNormalization } from './InstanceNormalization.ts'
import { LayerNormalization } from './LayerNormalization.ts'
import { Log } from './Log.ts'
import { Loop } from './Loop.ts'
import { MatMul } from './MatMul.ts'
import { MatMulBnb4 } from './MatMulBnb4.ts'
import { Mul } from './Mul.ts'
import { MultiHeadAttention } from './MultiHeadAttention.ts'
import { Neg } from './Neg.ts'
import { Pad } from './Pad.ts'
import { Reciprocal } from './Reciprocal.ts'
import { ReduceMean } from './ReduceMean.ts'
import { ReduceSum } from './ReduceSum.ts'
import { Relu } from './Relu.ts'
import { Reshape } from './Reshape.ts'
import { Resize } from './Resize.ts'
import { ScatterND } from './ScatterND.ts'
import { Shape } from './Shape.ts'
import { Sigmoid } from './Sigmoid.ts'
import { Sign } from './Sign.ts'
import { Sin } from './Sin.ts'
import { Size } from './Size.ts'
import { Slice } from './Slice.ts'
import { Softmax } from './Softmax.ts'
import { Split } from './Split.ts'
import { Sqrt } from './Sqrt.ts'
import { Sub } from './Sub.ts'
import { Tanh } from './Tanh.ts'
import { Transpose } from './Transpose.ts'
import { Unsqueeze } from './Unsqueeze.ts'
import { Where } from './Where.ts'

registerOps([
  Abs,
  Add,
  AveragePool,
  Cast,
  Clip,
  Concat,
  Conv,
  ConvTranspose,
  Cos,
  Div,
  Equal,
  Erf,
  Exp,
  Expand,
  Flatten,
  Gather,
  Identity,
  InstanceNormalization,
  LayerNormalization,
  Log,
  Loop,
  MatMul,
  MatMulBnb4,
  Mul,
  MultiHeadAttention,
  Neg,
  Pad,
  Reciprocal,
  ReduceMean,
  ReduceSum,
  Relu,
  Reshape,
  Resize,
  ScatterND,
  Shape,
  Sigmoid,
  Sign,
  Sin,
  Size,
  Slice,
  Softmax,
  Split,
  Sqrt,
  Sub,
  Tanh,
  Transpose,
  Unsqueeze,
  Where,
])
