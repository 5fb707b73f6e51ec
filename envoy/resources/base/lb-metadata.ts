/** Filter metadata `envoy.lb`, which subset load balancing compares (core/proxy-config LbMetadata). */
import { NO_LB_METADATA, type LbMetadata } from '@weft/core/proxy-config';
import type { Path, Report } from '../../codec/index.ts';
import type { JsonValue, Messages } from '../../tables/index.ts';

type Metadata = Messages['envoy.config.core.v3.Metadata'];

/** Namespace of the metadata that load balancers read. */
export const LB_METADATA = 'envoy.lb';

/** An object of strings, numbers and booleans; other values are refused with their path. */
export function readLbMetadata(value: JsonValue | undefined, path: Path, report: Report): LbMetadata {
  if (value === undefined) return NO_LB_METADATA;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    report.fault(path, 'wrong-type', 'expected an object');
    return NO_LB_METADATA;
  }
  return Object.entries(value)
    .flatMap(([key, entry]): [string, string | number | boolean][] => {
      if (typeof entry === 'string' || typeof entry === 'number' || typeof entry === 'boolean') return [[key, entry]];
      report.fault(path.key(key), 'unsupported-value', 'only a string, a number or a boolean is supported here');
      return [];
    })
    .sort(byKey);
}

/** A `metadata_match`: Envoy compares the namespace envoy.lb and no other, so another one is refused. */
export function takeMetadataMatch(metadata: Metadata | undefined, path: Path, report: Report): LbMetadata {
  const found = metadata?.filter_metadata ?? new Map<string, JsonValue>();
  const inside = path.field('filter_metadata');
  for (const name of found.keys()) {
    if (name !== LB_METADATA)
      report.fault(inside.key(name), 'unsupported-field', `only ${LB_METADATA} chooses endpoints`);
  }
  for (const name of metadata?.typed_filter_metadata?.keys() ?? [])
    report.fault(path.field('typed_filter_metadata').key(name), 'unsupported-field', 'nothing here reads it');
  return readLbMetadata(found.get(LB_METADATA), inside.key(LB_METADATA), report);
}

export const lbMetadataValue = (metadata: LbMetadata): { readonly [key: string]: JsonValue } =>
  Object.fromEntries(metadata);

export const metadataMatchField = (metadata: LbMetadata): Metadata | undefined =>
  metadata.length === 0 ? undefined : { filter_metadata: new Map([[LB_METADATA, lbMetadataValue(metadata)]]) };

export const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
