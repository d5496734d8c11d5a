export { OtlpExporter, type OtlpOptions } from './otlp-exporter.js';
