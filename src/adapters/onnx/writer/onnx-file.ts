import { littleEndian, ProtobufWriter } from './protobuf.js';

/** An attribute of a node; the member says its ONNX type. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly integer: number }
  | { readonly string: string }
  | { readonly floats: ArrayLike<number> }
  | { readonly integers: ArrayLike<number> }
  | { readonly strings: readonly string[] };

export interface OnnxNode {
  readonly operator: string;
  /** `ai.onnx.ml`, or absent for `ai.onnx`. */
  readonly domain?: 'ai.onnx.ml';
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** Element types of tensors; ONNX numbers them. */
const TYPES = { float: 1, int64: 7 } as const;

/** A constant tensor, of floats unless its type says otherwise. */
export interface OnnxConstant {
  readonly name: string;
  readonly type?: keyof typeof TYPES;
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A tensor that goes in or comes out, of floats unless its type says otherwise; a string dimension is a free one. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: keyof typeof TYPES;
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Facts about a model, kept in the file as `metadata_props`. */
export type OnnxMetadata = Readonly<Record<string, string>>;

/** Read by onnxruntime from 1.8 on. */
const OPSET = 13;
/** The first with TreeEnsemble of float thresholds and the last before the new TreeEnsemble operator. */
const ML_OPSET = 3;
const IR_VERSION = 8;

/**
 * An ONNX file (ModelProto) of a graph. Same graph and metadata, same bytes.
 * Source: onnx.proto, IR version 8; operator sets ai.onnx {@link OPSET} and ai.onnx.ml {@link ML_OPSET}.
 */
export function writeOnnx(graph: OnnxGraph, metadata: OnnxMetadata = {}): Uint8Array {
  const model = new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, 'sluice')
    .message(7, (inner) => writeGraph(inner, graph));
  model.message(8, (opset) => opset.string(1, '').integer(2, OPSET));
  model.message(8, (opset) => opset.string(1, 'ai.onnx.ml').integer(2, ML_OPSET));
  return appendMetadata(model.bytes(), metadata);
}

/** The same file with more `metadata_props`: repeated protobuf fields add up, so nothing is parsed. Keys must be new. */
export function appendMetadata(onnx: Uint8Array, metadata: OnnxMetadata): Uint8Array {
  const tail = new ProtobufWriter();
  for (const [key, value] of Object.entries(metadata))
    tail.message(14, (entry) => entry.string(1, key).string(2, value));
  return joined(onnx, tail.bytes());
}

/**
 * The same file with more nodes, inputs and outputs at the end of its graph. Nothing is parsed: a protobuf reader merges
 * a second graph into the first. Names must be new; weights must lie in the file itself.
 */
export function appendNodes(onnx: Uint8Array, more: Pick<OnnxGraph, 'nodes' | 'inputs' | 'outputs'>): Uint8Array {
  const tail = new ProtobufWriter().message(7, (graph) => {
    writeNodes(graph, more.nodes, 'appended_');
    writeSignature(graph, more);
  });
  return joined(onnx, tail.bytes());
}

function joined(onnx: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(onnx.length + tail.length);
  whole.set(onnx);
  whole.set(tail, onnx.length);
  return whole;
}

function writeGraph(out: ProtobufWriter, graph: OnnxGraph): void {
  writeNodes(out, graph.nodes);
  out.string(2, graph.name);
  for (const { name, dims, values, type = 'float' } of graph.constants)
    out.message(5, (tensor) => {
      tensor.integers(1, dims).integer(2, TYPES[type]);
      if (type === 'int64') tensor.integers(7, values).string(8, name);
      else tensor.string(8, name).blob(9, littleEndian(values));
    });
  writeSignature(out, graph);
}

function writeNodes(out: ProtobufWriter, nodes: readonly OnnxNode[], prefix = ''): void {
  nodes.forEach((node, i) => out.message(1, (inner) => writeNode(inner, node, `${prefix}${node.operator}_${i}`)));
}

function writeSignature(out: ProtobufWriter, { inputs, outputs }: Pick<OnnxGraph, 'inputs' | 'outputs'>): void {
  for (const value of inputs) out.message(11, (inner) => writeValue(inner, value));
  for (const value of outputs) out.message(12, (inner) => writeValue(inner, value));
}

/** Writes a node (NodeProto). */
export function writeNode(out: ProtobufWriter, node: OnnxNode, name: string): void {
  for (const input of node.inputs) out.string(1, input);
  for (const output of node.outputs) out.string(2, output);
  out.string(3, name).string(4, node.operator);
  for (const [key, attribute] of Object.entries(node.attributes ?? {}))
    out.message(5, (inner) => writeAttribute(inner.string(1, key), attribute));
  if (node.domain) out.string(7, node.domain);
}

function writeAttribute(out: ProtobufWriter, attribute: OnnxAttribute): void {
  if ('float' in attribute) out.float(2, attribute.float).integer(20, 1);
  else if ('integer' in attribute) out.integer(3, attribute.integer).integer(20, 2);
  else if ('string' in attribute) out.string(4, attribute.string).integer(20, 3);
  else if ('floats' in attribute) out.floats(7, attribute.floats).integer(20, 6);
  else if ('integers' in attribute) out.integers(8, attribute.integers).integer(20, 7);
  else {
    for (const one of attribute.strings) out.string(9, one);
    out.integer(20, 8);
  }
}

/** Writes the signature of a tensor (ValueInfoProto). */
export function writeValue(out: ProtobufWriter, { name, dims, type = 'float' }: OnnxValue): void {
  out.string(1, name).message(2, (outer) =>
    outer.message(1, (tensor) =>
      tensor.integer(1, TYPES[type]).message(2, (shape) => {
        for (const dim of dims)
          shape.message(1, (one) => (typeof dim === 'number' ? one.integer(1, dim) : one.string(2, dim)));
      }),
    ),
  );
}
