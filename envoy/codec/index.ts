/** Bytes to Envoy's messages and back, driven by envoy/tables. Knows no message by name but google.protobuf's. */
export * from './binary-reader.ts';
export * from './binary-writer.ts';
export * from './constraints.ts';
export * from './path.ts';
export * from './report.ts';
export { readUtf8 } from './utf8.ts';
