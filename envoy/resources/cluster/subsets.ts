/** envoy.config.cluster.v3.Cluster.LbSubsetConfig. */
import type { SubsetBalancing, SubsetSelector } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { lbMetadataValue, readLbMetadata } from '../base/lb-metadata.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster.LbSubsetConfig'];
type WireSelector = Messages['envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector'];

const FALLBACKS: EnumTable<SubsetBalancing['fallback'], 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET'> = [
  ['no-fallback', 'NO_FALLBACK'],
  ['any-endpoint', 'ANY_ENDPOINT'],
  ['default-subset', 'DEFAULT_SUBSET'],
];

const SELECTOR_FALLBACKS: EnumTable<
  SubsetSelector['fallback']['kind'],
  'NOT_DEFINED' | 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET' | 'KEYS_SUBSET'
> = [
  ['cluster', 'NOT_DEFINED'],
  ['no-fallback', 'NO_FALLBACK'],
  ['any-endpoint', 'ANY_ENDPOINT'],
  ['default-subset', 'DEFAULT_SUBSET'],
  ['keys-subset', 'KEYS_SUBSET'],
];

/** Undefined without a selector: Envoy then balances over all endpoints. */
export function decodeSubsets(cursor: Cursor<Wire>): SubsetBalancing | undefined {
  const fallback = takeEnum(cursor, 'fallback_policy', FALLBACKS);
  const defaultSubset = readLbMetadata(cursor.take('default_subset'), cursor.at('default_subset'), cursor.report);
  const selectors = cursor.each('subset_selectors', decodeSelector);
  const seen = new Set<string>();
  selectors.forEach(({ keys }, index) => {
    const text = JSON.stringify(keys);
    if (seen.has(text))
      cursor.report.fault(cursor.at('subset_selectors').index(index), 'duplicate-name', 'these keys stand there twice');
    seen.add(text);
  });
  return selectors.length === 0 ? undefined : { fallback, defaultSubset, selectors };
}

function decodeSelector(cursor: Cursor<WireSelector>): SubsetSelector {
  const keys = sorted(cursor.take('keys') ?? []);
  const [first, ...rest] = keys;
  if (first === undefined) cursor.fault('keys', 'missing-field', 'a selector needs at least one key');
  const kind = takeEnum(cursor, 'fallback_policy', SELECTOR_FALLBACKS);
  const fewer = sorted(cursor.take('fallback_keys_subset') ?? []);
  if (kind === 'keys-subset') {
    const part = fewer.length > 0 && fewer.length < keys.length && fewer.every((key) => keys.includes(key));
    if (!part) cursor.fault('fallback_keys_subset', 'invalid-value', 'must be a true part of keys');
  } else if (fewer.length > 0) cursor.fault('fallback_keys_subset', 'invalid-value', 'only with KEYS_SUBSET');
  return {
    keys: [first ?? '', ...rest],
    fallback: kind === 'keys-subset' ? { kind, keys: fewer } : { kind },
  };
}

const sorted = (keys: readonly string[]): string[] => [...new Set(keys)].sort();

export const subsetsField = (subsets: SubsetBalancing | undefined): Wire | undefined =>
  subsets === undefined
    ? undefined
    : {
        fallback_policy: enumName(subsets.fallback, FALLBACKS),
        default_subset: subsets.defaultSubset.length === 0 ? undefined : lbMetadataValue(subsets.defaultSubset),
        subset_selectors: subsets.selectors.map(({ keys, fallback }) => ({
          keys,
          fallback_policy: enumName(fallback.kind, SELECTOR_FALLBACKS),
          fallback_keys_subset: fallback.kind === 'keys-subset' ? some(fallback.keys) : undefined,
        })),
      };
