export * from './attributes.ts';
export { type AttributeSource, type CelProgram, compileAttribute, compileCel } from './compile.ts';
export { CelFault } from './fault.ts';
export { MAX_CEL_LENGTH } from './syntax.ts';
export * from './values.ts';
