export * from './onnx-file.js';
export { scorerGraph } from './scorer-graph.js';
