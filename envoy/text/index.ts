/** YAML and JSON texts to Envoy's messages, with every fault at its place, and messages to JSON. */
export * from './reader.ts';
export * from './writer.ts';
