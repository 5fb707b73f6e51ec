/** YAML and JSON texts to Envoy's messages, with every fault at its place, and messages to JSON. YAML itself is parsed by ./yaml, which is loaded when needed. */
export { jsonSource } from './json.ts';
export * from './reader.ts';
export { SourceText } from './source.ts';
export * from './writer.ts';
