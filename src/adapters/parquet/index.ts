export { openParquetFile } from './parquet-file.js';
