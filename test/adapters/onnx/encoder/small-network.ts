import { writeOnnx, type OnnxConstant, type OnnxNode } from '../../../../src/adapters/onnx/writer/index.js';

/** Ids of the built-in tokenizer. */
const VOCABULARY = 30_522;
const POSITIONS = 512;
const WIDTH = 32;
const HEADS = 2;
const INNER = 64;
const LAYERS = 1;

/**
 * A BERT network of the built-in one's operators, inputs and tokenizer, and of a ten-thousandth of its work: for
 * software drivers, which take minutes for one real batch. Seeded weights; its vectors mean little.
 */
export function smallNetwork(): Uint8Array {
  const network = new NetworkBuilder();
  const { constant, apply, integers } = network;
  const shape = apply('Shape', ['input_ids']);
  const length = apply('Unsqueeze', [
    apply('Gather', [shape, integers([1], [])], { axis: { integer: 0 } }),
    integers([0]),
  ]);
  const allPositions = integers(
    Array.from({ length: POSITIONS }, (_, position) => position),
    [1, POSITIONS],
  );
  const positions = apply('Slice', [allPositions, integers([0]), length, integers([1]), integers([1])]);
  const words = apply('Gather', [constant([VOCABULARY, WIDTH]), 'input_ids']);
  const kinds = apply('Gather', [constant([2, WIDTH], 0.1), 'token_type_ids']);
  const places = apply('Gather', [constant([POSITIONS, WIDTH], 0.2), positions]);
  let hidden = network.normalised(apply('Add', [apply('Add', [words, kinds]), places]));
  const wide = apply('Unsqueeze', [apply('Unsqueeze', ['attention_mask', integers([1])]), integers([2])]);
  const kept = apply('Cast', [wide], { to: { integer: 1 } });
  const mask = apply('Mul', [apply('Sub', [constant([], 0, [1]), kept]), constant([], 0, [-3.4028234663852886e38])]);
  for (let layer = 0; layer < LAYERS; layer++) {
    hidden = network.normalised(apply('Add', [network.attention(hidden, mask), hidden]));
    const inner = network.gelu(network.dense(hidden, WIDTH, INNER));
    hidden = network.normalised(apply('Add', [network.dense(inner, INNER, WIDTH), hidden]));
  }
  network.nodes.push({ operator: 'Identity', inputs: [hidden], outputs: ['last_hidden_state'] });
  const input = (name: string) => ({ name, type: 'int64' as const, dims: ['texts', 'tokens'] });
  return writeOnnx({
    name: 'small',
    nodes: network.nodes,
    constants: network.constants,
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map(input),
    outputs: [{ name: 'last_hidden_state', dims: ['texts', 'tokens', WIDTH] }],
  });
}

class NetworkBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  private state = 7;

  /** A node of one output. Returns the output's name. */
  readonly apply = (operator: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string => {
    const name = `value_${this.nodes.length}`;
    this.nodes.push({ operator, inputs, outputs: [name], attributes });
    return name;
  };

  /** A float tensor of these values, or of seeded ones of this spread. */
  readonly constant = (dims: readonly number[], spread = 1, values?: readonly number[]): string => {
    const name = `weight_${this.constants.length}`;
    const size = dims.reduce((product, length) => product * length, 1);
    this.constants.push({ name, dims, values: values ?? Array.from({ length: size }, () => spread * this.drawn()) });
    return name;
  };

  readonly integers = (values: readonly number[], dims: readonly number[] = [values.length]): string => {
    const name = `weight_${this.constants.length}`;
    this.constants.push({ name, type: 'int64', dims, values });
    return name;
  };

  dense(input: string, from: number, to: number): string {
    const product = this.apply('MatMul', [input, this.constant([from, to], 1 / Math.sqrt(from))]);
    return this.apply('Add', [product, this.constant([to], 0.02)]);
  }

  /** Layer normalisation, spelt out as exporters of operator set 11 do; the runtime fuses it. */
  normalised(input: string): string {
    const last = { axes: { integers: [-1] } };
    const centred = this.apply('Sub', [input, this.apply('ReduceMean', [input], last)]);
    const variance = this.apply('ReduceMean', [this.apply('Pow', [centred, this.constant([], 0, [2])])], last);
    const deviation = this.apply('Sqrt', [this.apply('Add', [variance, this.constant([], 0, [1e-12])])]);
    const scaled = this.apply('Mul', [this.apply('Div', [centred, deviation]), this.constant([WIDTH], 0, ones(WIDTH))]);
    return this.apply('Add', [scaled, this.constant([WIDTH], 0.02)]);
  }

  gelu(input: string): string {
    const erf = this.apply('Erf', [this.apply('Div', [input, this.constant([], 0, [Math.SQRT2])])]);
    const gated = this.apply('Mul', [input, this.apply('Add', [erf, this.constant([], 0, [1])])]);
    return this.apply('Mul', [gated, this.constant([], 0, [0.5])]);
  }

  attention(input: string, mask: string): string {
    const heads = (perm: readonly number[]) => {
      const split = this.apply('Reshape', [
        this.dense(input, WIDTH, WIDTH),
        this.integers([0, 0, HEADS, WIDTH / HEADS]),
      ]);
      return this.apply('Transpose', [split], { perm: { integers: perm } });
    };
    const scores = this.apply('MatMul', [heads([0, 2, 1, 3]), heads([0, 2, 3, 1])]);
    const scaled = this.apply('Div', [scores, this.constant([], 0, [Math.sqrt(WIDTH / HEADS)])]);
    const shares = this.apply('Softmax', [this.apply('Add', [scaled, mask])], { axis: { integer: -1 } });
    const mixed = this.apply('Transpose', [this.apply('MatMul', [shares, heads([0, 2, 1, 3])])], {
      perm: { integers: [0, 2, 1, 3] },
    });
    return this.dense(this.apply('Reshape', [mixed, this.integers([0, 0, WIDTH])]), WIDTH, WIDTH);
  }

  /** Between -1.7 and 1.7, variance about 1. Park and Miller's generator. */
  private drawn(): number {
    this.state = (this.state * 16_807) % 2_147_483_647;
    return (this.state / 2_147_483_647 - 0.5) * Math.sqrt(12);
  }
}

function ones(length: number): number[] {
  return new Array<number>(length).fill(1);
}
