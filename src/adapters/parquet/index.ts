export { openParquetFile } from './parquet-file.js';
export { readParquet, type ParquetBatch } from './read-parquet.js';
