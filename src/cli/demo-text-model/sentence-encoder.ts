// The Universal Sentence Encoder "lite" as ONNX: a transformer of two layers (pre-norm, 4 heads, widths 256
// and 512), the mean over the tokens, a tanh layer, and the result scaled to length 1.
//
// The published graph gathers real tokens before each layer and scatters them after it. Here all tokens are
// computed and padding is masked: the same function, in ops that have gradients.
//
// Source: Cer et al., Universal Sentence Encoder (2018), arXiv 1803.11175.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { GraphBuilder } from './graph.ts';

/** Longest text in pieces; the published graph cuts off what is after. */
export const MAX_PIECES = 128;
/** Length of an embedding. */
export const EMBEDDING_WIDTH = 512;

const HEADS = 4;
const EPSILON = 1e-6;
const NEGATIVE = -1e9; // added to the scores of padding before the softmax

const ENCODE = 'module_apply_default/Encoder_en/KonaTransformer/Encode';
const VARIABLES = 'module/Encoder_en';
const CONCAT = 'ConcatPartitions/concat';

type Weights = ReadonlyMap<string, Tensor>;

/**
 * Adds the encoder with its inputs `input_ids` and `attention_mask` [batch, length].
 *
 * @param weights - of the published model, by the names of its GraphDef.
 * @returns the name of the embedding, [batch, 512], rows of length 1.
 * @throws {@link CraftError} `MODEL_FORMAT` if a weight is missing or of another shape.
 */
export function addSentenceEncoder(graph: GraphBuilder, weights: Weights): string {
  const ids = graph.input('input_ids', ['batch', 'length']);
  const attention = graph.input('attention_mask', ['batch', 'length']);
  const encoder = new EncoderGraph(graph, weights, attention);
  let x = encoder.embed(ids);
  x = encoder.layer(x, 0, 256);
  x = encoder.layer(x, 1, 512);
  return encoder.pool(x);
}

class EncoderGraph {
  readonly #graph: GraphBuilder;
  readonly #weights: Weights;
  /** 1 for a real token, else 0: [batch, length, 1]. */
  readonly #mask: string;
  /** 0 for a real token, else −1e9: [batch, 1, 1, length]. */
  readonly #bias: string;

  constructor(graph: GraphBuilder, weights: Weights, attention: string) {
    this.#graph = graph;
    this.#weights = weights;
    const real = graph.node('Cast', [attention], 'mask/float', { to: 1 });
    this.#mask = graph.node('Unsqueeze', [real, graph.ints('axis 2', [2])], 'mask');
    const padding = graph.node('Sub', [this.#scalar('one', 1), real], 'mask/padding');
    const scores = graph.node('Mul', [padding, this.#scalar('negative', NEGATIVE)], 'mask/scores');
    this.#bias = graph.node('Unsqueeze', [scores, graph.ints('axes 1, 2', [1, 2])], 'mask/bias');
  }

  /** 2·embedding + position, as the published graph adds the embedding twice. */
  embed(ids: string): string {
    const g = this.#graph;
    const table = g.floats('embeddings', this.#weight('module/Embeddings_en', [8002, 256]));
    const found = g.node('Gather', [table, ids], 'embedding');
    const doubled = g.node('Add', [found, found], 'embedding/doubled');
    const shape = g.node('Shape', [ids], 'ids/shape');
    const length = g.node('Gather', [shape, g.ints('index 1', [1])], 'ids/length');
    const table2 = g.floats('positions', this.#positions());
    const zero = g.ints('start 0', [0]);
    const positions = g.node('Slice', [table2, zero, length, zero], 'position');
    return g.node('Add', [doubled, positions], 'embedded');
  }

  layer(input: string, index: number, width: number): string {
    const g = this.#graph;
    const at = `layer${index}`;
    const normed = this.#norm(input, `${ENCODE}/Layer_${index}/TransformerLayer`, `${at}/norm`, width);
    // the first layer is narrower than its output: its residual goes through a dense layer
    const residual =
      width === EMBEDDING_WIDTH
        ? input
        : this.#dense(input, `${at}/residual`, {
            kernel: this.#weight(`${ENCODE}/Layer_0/TransformerLayer/dense/kernel/${CONCAT}`, [256, 512]),
            bias: this.#weight(`${ENCODE}/Layer_0/TransformerLayer/dense/bias/${CONCAT}`, [512]),
          });
    const attended = g.node('Add', [this.#attention(normed, index, width), residual], `${at}/attended`);
    const ffn = `${ENCODE}/Layer_${index}/TransformerLayer/FFN`;
    const normed2 = this.#norm(attended, ffn, `${at}/ffn/norm`, EMBEDDING_WIDTH);
    const kernels = `${ENCODE}/TransformerStack/Layer_${index}/TransformerLayer/FFN`;
    const wide = this.#dense(normed2, `${at}/ffn/in`, {
      kernel: this.#weight(`${kernels}/conv1/Tensordot/Reshape_1`, [512, 1536]),
      bias: this.#weight(`${ffn}/conv1/bias/${CONCAT}`, [1536]),
    });
    const relu = g.node('Relu', [wide], `${at}/ffn/relu`);
    const narrow = this.#dense(relu, `${at}/ffn/out`, {
      kernel: this.#weight(`${kernels}/conv2/Tensordot/Reshape_1`, [1536, 512]),
      bias: this.#weight(`${ffn}/conv2/bias/${CONCAT}`, [512]),
    });
    return g.node('Add', [narrow, attended], `${at}/output`);
  }

  /** Mean over real tokens, tanh layer, length 1. */
  pool(tokens: string): string {
    const g = this.#graph;
    const axis = g.ints('axis 1', [1]);
    const real = g.node('Mul', [tokens, this.#mask], 'tokens/real');
    const sum = g.node('ReduceSum', [real, axis], 'tokens/sum', { keepdims: 0 });
    const count = g.node('ReduceSum', [this.#mask, axis], 'tokens/count', { keepdims: 0 });
    const least = g.node('Max', [count, this.#scalar('least', 1)], 'tokens/count ≥ 1');
    const mean = g.node('Div', [sum, least], 'tokens/mean');
    const layer = `${VARIABLES}/hidden_layers/tanh_layer_0`;
    const dense = this.#dense(mean, 'sentence/dense', {
      kernel: this.#weight(`${layer}/weights`, [512, 512]),
      bias: this.#weight(`${layer}/bias`, [512]),
    });
    const tanh = g.node('Tanh', [dense], 'sentence/tanh');
    return g.node('LpNormalization', [tanh], 'sentence_embedding', { axis: 1, p: 2 });
  }

  #attention(input: string, index: number, width: number): string {
    const g = this.#graph;
    const at = `layer${index}/attention`;
    const place = `Encoder_en/KonaTransformer/Encode/Layer_${index}/TransformerLayer/MultiheadAttention`;
    const qkv = this.#dense(input, `${at}/qkv`, {
      kernel: this.#kernel(`module/${place}/qkv_transform_single/kernel/part_0`, width, 3 * width),
      bias: this.#weight(`module_apply_default/${place}/qkv_transform_single/bias/${CONCAT}`, [3 * width]),
    });
    const heads = g.node('Reshape', [qkv, g.ints(`${at}/split shape`, [0, 0, 3, HEADS, -1])], `${at}/split`);
    const ordered = g.node('Transpose', [heads], `${at}/heads`, { perm: [2, 0, 3, 1, 4] });
    const [q, k, v] = ['query', 'key', 'value'].map((name, i) =>
      g.node('Gather', [ordered, g.ints(`${at}/${name} index`, [i], [])], `${at}/${name}`, { axis: 0 }),
    );
    const scaled = g.node('Mul', [q, this.#scalar(`${at}/scale`, Math.sqrt(HEADS / width))], `${at}/scaled`);
    const keys = g.node('Transpose', [k], `${at}/keys`, { perm: [0, 1, 3, 2] });
    const products = g.node('MatMul', [scaled, keys], `${at}/products`);
    const scores = g.node('Add', [products, this.#bias], `${at}/scores`);
    const shares = g.node('Softmax', [scores], `${at}/weights`, { axis: -1 });
    const mixed = g.node('MatMul', [shares, v], `${at}/mixed`);
    const back = g.node('Transpose', [mixed], `${at}/back`, { perm: [0, 2, 1, 3] });
    const joined = g.node('Reshape', [back, g.ints(`${at}/join shape`, [0, 0, width])], `${at}/joined`);
    return this.#dense(joined, `${at}/output`, {
      kernel: this.#kernel(`module/${place}/output_transform_single/kernel/part_0`, width, EMBEDDING_WIDTH),
      bias: this.#weight(`module_apply_default/${place}/output_transform_single/bias/${CONCAT}`, [
        EMBEDDING_WIDTH,
      ]),
    });
  }

  #norm(input: string, from: string, name: string, width: number): string {
    const at = `${from}/layer_prepostprocess/layer_norm`;
    const scale = this.#weight(`${at}/layer_norm_scale/${CONCAT}`, [width]);
    const bias = this.#weight(`${at}/layer_norm_bias/${CONCAT}`, [width]);
    const g = this.#graph;
    return g.layerNorm(
      [input, g.floats(`${name}/scale`, scale), g.floats(`${name}/bias`, bias)],
      name,
      EPSILON,
    );
  }

  #dense(input: string, name: string, { kernel, bias }: { kernel: Tensor; bias: Tensor }): string {
    const g = this.#graph;
    const product = g.node('MatMul', [input, g.floats(`${name}/kernel`, kernel)], `${name}/product`);
    return g.node('Add', [product, g.floats(`${name}/bias`, bias)], name);
  }

  /** sin and cos of position times the published frequencies: [128, 256]. */
  #positions(): Tensor {
    const frequencies = this.#weight(
      `${ENCODE}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`,
      [1, 128],
    ).data;
    const half = frequencies.length;
    const data = new Float32Array(MAX_PIECES * 2 * half);
    for (let t = 0; t < MAX_PIECES; t++) {
      for (let k = 0; k < half; k++) {
        data[t * 2 * half + k] = Math.sin(t * frequencies[k]);
        data[t * 2 * half + half + k] = Math.cos(t * frequencies[k]);
      }
    }
    return { data, dims: [MAX_PIECES, 2 * half] };
  }

  /** A 1 × 1 convolution over tokens is a dense layer. */
  #kernel(name: string, from: number, to: number): Tensor {
    return { data: this.#weight(name, [1, 1, from, to]).data, dims: [from, to] };
  }

  #scalar(name: string, value: number): string {
    return this.#graph.floats(name, { data: Float32Array.of(value), dims: [] });
  }

  #weight(name: string, dims: readonly number[]): Tensor {
    const found = this.#weights.get(name);
    if (found && found.data instanceof Float32Array && String(found.dims) === String(dims)) return found;
    throw new CraftError(
      'MODEL_FORMAT',
      `sentence encoder: expected a float32 weight "${name}" [${dims}]; got ${found ? `[${found.dims}]` : 'none'}`,
    );
  }
}
