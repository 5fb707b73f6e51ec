/** envoy.extensions.filters.http.set_metadata.v3.Config: what the configuration says becomes known of every request. */
import { isStruct } from '@weft/core/decide';
import type { MetadataStruct, MetadataValue, SetMetadataFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';
import type { FilterMaker } from '../index.ts';

export class SetMetadataFilter implements HttpFilter {
  readonly #entries: Row['entries'];
  readonly #denied: Counter;

  constructor({ entries }: Row, runtime: EngineRuntime, statPrefix: string) {
    this.#entries = entries;
    this.#denied = runtime.counters.counter(`http.${statPrefix}.set_metadata.overwrite_denied`);
  }

  onRequest({ head }: Exchange): FilterVerdict {
    for (const { namespace, value, overwrites } of this.#entries) {
      const present = head.metadata?.get(namespace);
      if (present === undefined) head.replaceMetadata(namespace, value);
      else if (overwrites) head.replaceMetadata(namespace, merged(present, value));
      else this.#denied.add(1);
    }
    return CONTINUE;
  }
}

/** Objects are merged, lists joined; of other values, and of two types, the later one counts. */
function merged(present: MetadataStruct, later: MetadataStruct): MetadataStruct {
  const entries = new Map<string, MetadataValue>(Object.entries(present));
  for (const [key, value] of Object.entries(later)) entries.set(key, mergedValue(entries.get(key), value));
  return Object.fromEntries(entries);
}

function mergedValue(present: MetadataValue | undefined, later: MetadataValue): MetadataValue {
  if (Array.isArray(present) && Array.isArray(later))
    return [...(present as MetadataValue[]), ...(later as MetadataValue[])];
  return isStruct(present) && isStruct(later) ? merged(present, later) : later;
}

export const make: FilterMaker<'set-metadata'> = (row, _overrides, { runtime, statPrefix }) =>
  new SetMetadataFilter(row, runtime, statPrefix);
