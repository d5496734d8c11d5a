import { floatsOf, integersOf, protobufFields, textOf } from './protobuf-reader.js';

/** Attributes of a node by name, of every type that predictors use. */
export interface ReadAttribute {
  readonly integer: number;
  readonly text: string;
  readonly integers: readonly number[];
  readonly floats: Float32Array;
  readonly texts: readonly string[];
}

export interface ReadNode {
  readonly operator: string;
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, ReadAttribute>;
}

/** What is read of a graph: its nodes, and its constant float tensors by name. */
export interface ReadGraph {
  readonly nodes: readonly ReadNode[];
  readonly constants: ReadonlyMap<string, Float32Array>;
}

/** Reads an ONNX file (ModelProto) as far as predictors need it. @throws RangeError when it is no protobuf */
export function readGraph(onnx: Uint8Array): ReadGraph {
  const nodes: ReadNode[] = [];
  const constants = new Map<string, Float32Array>();
  for (const model of protobufFields(onnx)) {
    if (model.field !== 7) continue;
    for (const part of protobufFields(model.bytes)) {
      if (part.field === 1) nodes.push(readNode(part.bytes));
      if (part.field === 5) readConstant(part.bytes, constants);
    }
  }
  return { nodes, constants };
}

function readNode(bytes: Uint8Array): ReadNode {
  let operator = '';
  const outputs: string[] = [];
  const attributes = new Map<string, ReadAttribute>();
  for (const field of protobufFields(bytes)) {
    if (field.field === 2) outputs.push(textOf(field));
    if (field.field === 4) operator = textOf(field);
    if (field.field === 5) attributes.set(...readAttribute(field.bytes));
  }
  return { operator, outputs, attributes };
}

function readAttribute(bytes: Uint8Array): [string, ReadAttribute] {
  let name = '';
  let integer = 0;
  let text = '';
  const integers: number[] = [];
  const floats: number[] = [];
  const texts: string[] = [];
  for (const field of protobufFields(bytes)) {
    if (field.field === 1) name = textOf(field);
    if (field.field === 3) integer = field.integer;
    if (field.field === 4) text = textOf(field);
    if (field.field === 7) for (const value of floatsOf(field.bytes)) floats.push(value);
    if (field.field === 8) for (const value of integersOf(field)) integers.push(value);
    if (field.field === 9) texts.push(textOf(field));
  }
  return [name, { integer, text, integers, floats: Float32Array.from(floats), texts }];
}

/** Float tensors only: raw little-endian bytes, or `float_data`. */
function readConstant(bytes: Uint8Array, constants: Map<string, Float32Array>): void {
  let name = '';
  let values = new Float32Array(0);
  for (const field of protobufFields(bytes)) {
    if (field.field === 8) name = textOf(field);
    if (field.field === 9 || field.field === 4) values = Float32Array.from([...values, ...floatsOf(field.bytes)]);
  }
  constants.set(name, values);
}
