import { protobufFields, textOf } from '../reader/protobuf-reader.js';
import { writeNode, writeValue, type OnnxNode } from '../writer/onnx-file.js';
import { ProtobufWriter } from '../writer/protobuf.js';
import type { ModelForm } from './form.js';
import type { ModelFile } from './model-file.js';
import { renameInGraph, rewriteMessage, type Renames } from './rewrite.js';

/** What the prediction is: a probability, or its log-odds. */
export type OutputKind = 'probability' | 'logit';

/** How a model becomes one that scores the stream. */
export interface Adaptation {
  readonly form: ModelForm;
  readonly kind: OutputKind;
  /** Columns of the feature set. */
  readonly width: number;
  /** Place in the feature set of each column that the model takes, in its order; undefined: all as they are. */
  readonly picked?: readonly number[] | undefined;
}

const MODEL = { graph: 7, opset: 8 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const VALUE_NAME = 1;
const FLOAT = 1;
const DOUBLE = 11;
const INT64 = 7;
/** The oldest operator set with all that is added, for files that import none. */
const PLAIN_OPSET = 9;
/** Prefix of the names inside the file that would meet those that are added. */
const INSIDE = 'brought.';
/** Names of the values that are added. */
const ADDED = {
  features: 'features',
  probability: 'probability',
  members: 'members',
  picks: 'sluice.picks',
  picked: 'sluice.picked',
  double: 'sluice.double',
  float: 'sluice.float',
  one: 'sluice.one',
  zero: 'sluice.zero',
  positive: 'sluice.positive',
  negative: 'sluice.negative',
  logit: 'sluice.logit',
  odds: 'sluice.odds',
  flat: 'sluice.flat',
} as const;

/**
 * The same model in the form of a snapshot: one input `features` [N, width], float32, and one output `probability` [N].
 * Its nodes stay as they are; before them stand those that pick its columns, after them those that take the class of label
 * 1, and the logistic function for log-odds. A file of that form already is returned as it is.
 */
export function adapted(onnx: Uint8Array, file: ModelFile, { form, kind, width, picked }: Adaptation): Uint8Array {
  if (form.isOurs && kind === 'probability' && !picked && form.width === width) return onnx;
  const head = headOf(form, picked);
  const renames = new Map<string, string>(Object.values(ADDED).map((name) => [name, `${INSIDE}${name}`]));
  renames.set(form.input, head.at(-1)?.outputs[0] ?? ADDED.features);
  const { nodes: tail, constants } = tailOf(form, kind, renames);
  const picks = picked ? [{ name: ADDED.picks, integers: picked, isScalar: false }] : [];
  const parts = { form, width, renames, head, tail, constants: [...constants, ...picks] };
  const whole = rewriteMessage(onnx, ({ field, bytes }) => (field === MODEL.graph ? graphOf(bytes, parts) : undefined));
  if (file.hasPlainOperators) return whole;
  return new ProtobufWriter()
    .copy(whole)
    .message(MODEL.opset, (opset) => opset.string(1, '').integer(2, PLAIN_OPSET))
    .bytes();
}

/** Nodes before the model's own: they pick its columns and give it the type of number that it takes. */
function headOf({ isDouble }: ModelForm, picked: readonly number[] | undefined): OnnxNode[] {
  const { features, picks, double } = ADDED;
  const head: OnnxNode[] = [];
  if (picked) head.push(nodeOf('Gather', [features, picks], ADDED.picked, { axis: { integer: 1 } }));
  if (isDouble) head.push(nodeOf('Cast', [picked ? ADDED.picked : features], double, { to: { integer: DOUBLE } }));
  return head;
}

interface Constant {
  readonly name: string;
  readonly integers: readonly number[];
  /** True: a number; false: a list. */
  readonly isScalar: boolean;
}

/** Nodes after the model's own: they make `probability` of its output. */
function tailOf(
  { output }: ModelForm,
  kind: OutputKind,
  renames: Renames,
): { nodes: OnnxNode[]; constants: Constant[] } {
  const nodes: OnnxNode[] = [];
  const constants: Constant[] = [{ name: ADDED.flat, integers: [-1], isScalar: false }];
  let at = renames.get(output.name) ?? output.name;
  const then = (operator: string, inputs: string[], to: string, attributes: OnnxNode['attributes'] = {}): void => {
    nodes.push(nodeOf(operator, inputs, to, attributes));
    at = to;
  };
  if (output.isDouble) then('Cast', [at], ADDED.float, { to: { integer: FLOAT } });
  if (output.perRow === 2) {
    const both = at;
    constants.push({ name: ADDED.one, integers: [1], isScalar: true });
    then('Gather', [both, ADDED.one], ADDED.positive, { axis: { integer: 1 } });
    if (kind === 'logit') {
      constants.push({ name: ADDED.zero, integers: [0], isScalar: true });
      then('Gather', [both, ADDED.zero], ADDED.negative, { axis: { integer: 1 } });
      then('Sub', [ADDED.positive, ADDED.negative], ADDED.logit);
    }
  }
  if (kind === 'logit') then('Sigmoid', [at], ADDED.odds);
  then('Reshape', [at, ADDED.flat], ADDED.probability);
  return { nodes, constants };
}

function nodeOf(operator: string, inputs: string[], to: string, attributes: OnnxNode['attributes'] = {}): OnnxNode {
  return { operator, inputs, outputs: [to], attributes };
}

interface GraphParts {
  readonly form: ModelForm;
  readonly width: number;
  readonly renames: Renames;
  readonly head: readonly OnnxNode[];
  readonly tail: readonly OnnxNode[];
  readonly constants: readonly Constant[];
}

function graphOf(graph: Uint8Array, { form, width, renames, head, tail, constants }: GraphParts): Uint8Array {
  const out = new ProtobufWriter();
  head.forEach((node, i) => out.message(GRAPH.node, (inner) => writeNode(inner, node, `sluice_before_${i}`)));
  out.copy(
    rewriteMessage(graph, (part) => {
      if (part.field === GRAPH.output || part.field === GRAPH.valueInfo) return null;
      if (part.field === GRAPH.input && nameOf(part.bytes) === form.input) return null;
      return renameInGraph(part, renames);
    }),
  );
  tail.forEach((node, i) => out.message(GRAPH.node, (inner) => writeNode(inner, node, `sluice_after_${i}`)));
  for (const { name, integers, isScalar } of constants)
    out.message(GRAPH.initializer, (tensor) =>
      tensor
        .integers(1, isScalar ? [] : [integers.length])
        .integer(2, INT64)
        .integers(7, integers)
        .string(8, name),
    );
  out.message(GRAPH.input, (value) => writeValue(value, { name: ADDED.features, dims: ['N', width] }));
  out.message(GRAPH.output, (value) => writeValue(value, { name: ADDED.probability, dims: ['N'] }));
  return out.bytes();
}

function nameOf(value: Uint8Array): string {
  for (const part of protobufFields(value)) if (part.field === VALUE_NAME) return textOf(part);
  return '';
}
