export { protobufReader, type ProtobufReader } from './protobuf-reader.js';
