import { protobufFields, textOf, type ProtobufField } from '../reader/protobuf-reader.js';
import { ProtobufWriter } from '../writer/protobuf.js';

/** New names of values, by their old ones. */
export type Renames = ReadonlyMap<string, string>;

/** What is written in place of a field: the bytes of a length-delimited field, or nothing at all. */
type Rewritten = Uint8Array | null | undefined;

/**
 * Copies a protobuf message field by field, byte for byte, but for the fields that `rewrite` answers: bytes stand in for
 * the content, null leaves the field out, undefined copies it.
 */
export function rewriteMessage(message: Uint8Array, rewrite: (field: ProtobufField) => Rewritten): Uint8Array {
  const out = new ProtobufWriter();
  for (const field of protobufFields(message)) {
    const content = rewrite(field);
    if (content === undefined) out.copy(field.raw);
    else if (content !== null) out.blob(field.field, content);
  }
  return out.bytes();
}

const utf8 = new TextEncoder();

/** Fields that hold values' names or messages with them, by message; numbers as in onnx.proto. */
const NODE = { input: 1, output: 2, attribute: 5 } as const;
const ATTRIBUTE = { graph: 6, graphs: 11 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 } as const;
const TENSOR_NAME = 8;
const SPARSE_VALUES = 1;
const VALUE_NAME = 1;

/** A node (NodeProto) whose inputs, outputs and inner graphs use the new names. */
function renameNode(node: Uint8Array, renames: Renames): Uint8Array {
  return rewriteMessage(node, (part) => {
    if (part.field === NODE.input || part.field === NODE.output) return renamed(part, renames);
    if (part.field !== NODE.attribute) return undefined;
    return rewriteMessage(part.bytes, (inner) =>
      inner.field === ATTRIBUTE.graph || inner.field === ATTRIBUTE.graphs
        ? rewriteMessage(inner.bytes, (field) => renameInGraph(field, renames))
        : undefined,
    );
  });
}

/** A field of a graph (GraphProto) with the new names; undefined for one that names no value. */
export function renameInGraph(part: ProtobufField, renames: Renames): Uint8Array | undefined {
  switch (part.field) {
    case GRAPH.node:
      return renameNode(part.bytes, renames);
    case GRAPH.initializer:
      return renameField(part.bytes, TENSOR_NAME, renames);
    case GRAPH.sparseInitializer:
      return rewriteMessage(part.bytes, (inner) =>
        inner.field === SPARSE_VALUES ? renameField(inner.bytes, TENSOR_NAME, renames) : undefined,
      );
    case GRAPH.input:
    case GRAPH.output:
    case GRAPH.valueInfo:
      return renameField(part.bytes, VALUE_NAME, renames);
    default:
      return undefined;
  }
}

function renameField(message: Uint8Array, name: number, renames: Renames): Uint8Array {
  return rewriteMessage(message, (part) => (part.field === name ? renamed(part, renames) : undefined));
}

function renamed(part: ProtobufField, renames: Renames): Uint8Array | undefined {
  const name = renames.get(textOf(part));
  return name === undefined ? undefined : utf8.encode(name);
}
