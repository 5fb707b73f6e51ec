/**
 * Envoy 1.40's messages as data: names, numbers, types and limits, made by scripts/envoy-tables from the API's descriptors, and the
 * TypeScript types that belong to them. It must never hold behaviour of a message: that is what envoy/resources is for.
 */
export type { Enums, Messages } from './generated/messages.ts';
export * from './message.ts';
export * from './names.ts';
export * from './rules.ts';
export * from './schema.ts';
