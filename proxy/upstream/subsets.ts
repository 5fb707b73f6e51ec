/**
 * Subset load balancing as Envoy does it: what a request asks for chooses a selector by its keys and a subset by their values; a subset
 * that does not exist falls back as the selector says, else as the cluster says. Levels are built at the first pick of each subset.
 */
import type { LbMetadata, SubsetBalancing, SubsetSelector } from '@weft/core/proxy-config';
import type { PickContext } from '../ports.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import type { Levels } from './levels.ts';

interface Subset {
  readonly endpoints: UpstreamEndpoint[];
  levels: Levels | undefined;
}

interface Compiled {
  readonly selector: SubsetSelector;
  readonly subsets: Map<string, Subset>;
}

export interface SubsetCounts {
  selected(): void;
  fallback(): void;
}

const keysText = (keys: readonly string[]): string => JSON.stringify(keys);
const valuesText = (metadata: LbMetadata): string => JSON.stringify(metadata.map(([, value]) => value));

export class Subsets {
  readonly #conf: SubsetBalancing;
  readonly #build: (endpoints: readonly UpstreamEndpoint[]) => Levels;
  readonly #counts: SubsetCounts;
  readonly #byKeys = new Map<string, Compiled>();
  readonly #any: Subset;
  readonly #default: Subset;

  constructor(
    conf: SubsetBalancing,
    endpoints: readonly UpstreamEndpoint[],
    build: (endpoints: readonly UpstreamEndpoint[]) => Levels,
    counts: SubsetCounts,
  ) {
    this.#conf = conf;
    this.#build = build;
    this.#counts = counts;
    this.#any = { endpoints: [...endpoints], levels: undefined };
    this.#default = {
      endpoints: endpoints.filter((endpoint) => carries(endpoint, conf.defaultSubset)),
      levels: undefined,
    };
    for (const selector of conf.selectors) {
      const subsets = new Map<string, Subset>();
      for (const endpoint of endpoints) {
        const own = part(endpoint.endpoint.lbMetadata, selector.keys);
        if (own === undefined) continue;
        const text = valuesText(own);
        const known = subsets.get(text);
        if (known === undefined) subsets.set(text, { endpoints: [endpoint], levels: undefined });
        else known.endpoints.push(endpoint);
      }
      this.#byKeys.set(keysText(selector.keys), { selector, subsets });
    }
  }

  /** Subsets with at least one endpoint. */
  get active(): number {
    let sum = 0;
    for (const { subsets } of this.#byKeys.values()) sum += subsets.size;
    return sum;
  }

  pick(context: PickContext): UpstreamEndpoint | undefined {
    return this.#pickFor(context.metadataMatch, context);
  }

  #pickFor(wanted: LbMetadata | undefined, context: PickContext): UpstreamEndpoint | undefined {
    if (wanted === undefined || wanted.length === 0) return this.#fallBack(this.#conf.fallback, context);
    const compiled = this.#byKeys.get(keysText(wanted.map(([key]) => key)));
    const subset = compiled?.subsets.get(valuesText(wanted));
    if (subset !== undefined) {
      this.#counts.selected();
      return this.#from(subset, context);
    }
    const fallback = compiled?.selector.fallback;
    if (fallback === undefined || fallback.kind === 'cluster') return this.#fallBack(this.#conf.fallback, context);
    if (fallback.kind === 'keys-subset') return this.#pickFor(part(wanted, fallback.keys), context);
    return this.#fallBack(fallback.kind, context);
  }

  #fallBack(how: SubsetBalancing['fallback'], context: PickContext): UpstreamEndpoint | undefined {
    if (how === 'no-fallback') return undefined;
    this.#counts.fallback();
    return this.#from(how === 'any-endpoint' ? this.#any : this.#default, context);
  }

  #from(subset: Subset, context: PickContext): UpstreamEndpoint | undefined {
    subset.levels ??= this.#build(subset.endpoints);
    return subset.levels.pick(context);
  }
}

const carries = ({ endpoint }: UpstreamEndpoint, wanted: LbMetadata): boolean =>
  wanted.every(([key, value]) => endpoint.lbMetadata.some(([own, has]) => own === key && has === value));

/** The entries of `keys` (sorted), undefined when one is missing. */
function part(metadata: LbMetadata, keys: readonly string[]): LbMetadata | undefined {
  const found = metadata.filter(([key]) => keys.includes(key));
  return found.length === keys.length ? found : undefined;
}
