export * from './onnx-file.js';
export { predictorGraph } from './predictor-graph.js';
