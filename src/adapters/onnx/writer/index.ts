export * from './onnx-file.js';
export { HALVES, predictorGraph } from './predictor-graph.js';
