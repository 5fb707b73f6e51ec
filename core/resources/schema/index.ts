/** Schemas of kinds: constructors, and what they derive (check, defaults, documents). */
export * from './check.ts';
export * from './complete.ts';
export * from './path.ts';
export * from './schema.ts';
export * from './suggest.ts';
export { describe, isMapping, MAX_VIOLATIONS, type Violation, Violations } from './violations.ts';
