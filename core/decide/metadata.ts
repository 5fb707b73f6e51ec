/** Metadata looked up and matched (envoy.type.matcher.v3.MetadataMatcher). Keys are compared as own properties only. */
import type { MetadataMatcher, MetadataStruct, MetadataValue, ValueMatcher } from '../proxy-config/index.ts';
import { compileString, type ReportFault } from './matchers.ts';
import type { MetadataView } from './request.ts';

type ValuePredicate = (value: MetadataValue) => boolean;

/** The value below `path`; undefined when there is none. An empty path is the whole namespace. */
export function metadataAt(
  metadata: MetadataView | undefined,
  namespace: string,
  path: readonly string[],
): MetadataValue | undefined {
  let found: MetadataValue | undefined = metadata?.get(namespace);
  for (const key of path) {
    if (!isStruct(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

export const isStruct = (value: MetadataValue | undefined): value is MetadataStruct =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value that is not there matches nothing, so that an inverted matcher takes it. */
export function compileMetadata(
  { namespace, path, value, invert }: MetadataMatcher,
  report: ReportFault,
): (metadata: MetadataView | undefined) => boolean {
  const test = compileValue(value, report);
  return (metadata) => {
    const found = metadataAt(metadata, namespace, path);
    return (found !== undefined && test(found)) !== invert;
  };
}

export function compileValue(matcher: ValueMatcher, report: ReportFault): ValuePredicate {
  switch (matcher.kind) {
    case 'null':
      return (value) => value === null;
    case 'number':
      return (value) => value === matcher.exact;
    case 'range':
      return (value) => typeof value === 'number' && value >= matcher.start && value < matcher.end;
    case 'string': {
      const test = compileString(matcher.matcher, report);
      return (value) => typeof value === 'string' && test(value);
    }
    case 'bool':
      return (value) => value === matcher.value;
    case 'present':
      return () => matcher.present;
    case 'list': {
      const test = compileValue(matcher.item, report);
      return (value) => Array.isArray(value) && (value as readonly MetadataValue[]).some(test);
    }
    case 'or': {
      const tests = matcher.matchers.map((inner) => compileValue(inner, report));
      return (value) => tests.some((test) => test(value));
    }
  }
}
