import { integersOf, protobufFields, textOf } from '../reader/protobuf-reader.js';

/** What a model file says of itself, read without running it. */
export interface ModelFile {
  /** Texts that whoever wrote it left in the file (`metadata_props`). */
  readonly metadata: ReadonlyMap<string, string>;
  /** Names of the graph's constants. */
  readonly constants: ReadonlySet<string>;
  /** True when some of its numbers lie in another file. */
  readonly isIncomplete: boolean;
  /** Operators of its nodes. */
  readonly operators: ReadonlySet<string>;
  /** True when it imports the plain operator set, `ai.onnx`. */
  readonly hasPlainOperators: boolean;
}

/** Fields of ModelProto, GraphProto and TensorProto (onnx.proto). */
const MODEL = { irVersion: 1, graph: 7, opset: 8, metadata: 14 } as const;
const GRAPH = { node: 1, initializer: 5 } as const;
const NODE_OPERATOR = 4;
const TENSOR = { name: 8, location: 14 } as const;
const EXTERNAL = 1;

/** Reads an ONNX file; undefined when the bytes are none. */
export function readModelFile(onnx: Uint8Array): ModelFile | undefined {
  const metadata = new Map<string, string>();
  const constants = new Set<string>();
  const operators = new Set<string>();
  const seen = { graphs: 0, isVersioned: false, isIncomplete: false, hasPlainOperators: false };
  try {
    for (const part of protobufFields(onnx)) {
      if (part.field === MODEL.irVersion) seen.isVersioned = true;
      if (part.field === MODEL.metadata) metadata.set(...entryOf(part.bytes));
      if (part.field === MODEL.opset) seen.hasPlainOperators ||= ['', 'ai.onnx'].includes(domainOf(part.bytes));
      if (part.field !== MODEL.graph) continue;
      seen.graphs++;
      for (const inner of protobufFields(part.bytes)) {
        if (inner.field === GRAPH.node) operators.add(textIn(inner.bytes, NODE_OPERATOR));
        if (inner.field !== GRAPH.initializer) continue;
        constants.add(textIn(inner.bytes, TENSOR.name));
        seen.isIncomplete ||= isElsewhere(inner.bytes);
      }
    }
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  const { isIncomplete, hasPlainOperators } = seen;
  return seen.graphs === 1 && seen.isVersioned
    ? { metadata, constants, operators, isIncomplete, hasPlainOperators }
    : undefined;
}

function entryOf(bytes: Uint8Array): [key: string, value: string] {
  return [textIn(bytes, 1), textIn(bytes, 2)];
}

function domainOf(bytes: Uint8Array): string {
  return textIn(bytes, 1);
}

function isElsewhere(tensor: Uint8Array): boolean {
  for (const part of protobufFields(tensor))
    if (part.field === TENSOR.location) return integersOf(part)[0] === EXTERNAL;
  return false;
}

function textIn(message: Uint8Array, field: number): string {
  for (const part of protobufFields(message)) if (part.field === field) return textOf(part);
  return '';
}
