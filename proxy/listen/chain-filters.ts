/**
 * The network filters of one filter chain and the connections that passed them. When only access rules change, the chain stays: open connections
 * are judged again at once by the new rules, those that are refused are cut, the others go on. (Envoy builds a new chain and drains the old one:
 * what is open there goes on until it ends or the drain time is over.)
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { ConnectionView } from '@weft/core/decide';
import type { FilterChain, NetworkFilter } from '@weft/core/proxy-config';
import type { NetworkFilterRuntime, NetworkVerdict } from '../network/filter.ts';
import type { EngineRuntime } from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { resetSocket } from '../transport/index.ts';

const require = createRequire(import.meta.url);
/** Loaded when a chain first has one, as HTTP filters are (filters/index.ts). */
const connectionLimit = () =>
  require('../network/connection-limit.ts') as typeof import('../network/connection-limit.ts');
const localRateLimit = () =>
  require('../network/local-rate-limit.ts') as typeof import('../network/local-rate-limit.ts');
const rbac = () => require('../network/rbac.ts') as typeof import('../network/rbac.ts');

interface Parts {
  readonly runtime: EngineRuntime;
  readonly registry: Registry;
}

interface Built {
  readonly conf: NetworkFilter;
  readonly filter: NetworkFilterRuntime;
}

/** Filters built and not yet at work. */
export type PreparedFilters = readonly Built[];

/** The chain but for its access rules: when this stays, the chain can stay. */
export const withoutRules = (chain: FilterChain): FilterChain => ({
  ...chain,
  networkFilters: chain.networkFilters.filter(({ kind }) => kind !== 'rbac'),
});

export class ChainFilters {
  readonly #parts: Parts;
  readonly #same: (a: unknown, b: unknown) => boolean;
  #built: PreparedFilters = [];
  /** Connections that passed, with what their rules look at. */
  readonly #open = new Map<Socket, ConnectionView>();

  /** Throws an error that says which filter cannot be built. */
  constructor(filters: readonly NetworkFilter[], parts: Parts, same: (a: unknown, b: unknown) => boolean) {
    this.#parts = parts;
    this.#same = same;
    this.#built = this.prepare(filters);
  }

  /** Filters for `wanted`; those that are there already are taken over. Throws as the constructor; nothing changes until `adopt`. */
  prepare(wanted: readonly NetworkFilter[]): PreparedFilters {
    const rest = [...this.#built];
    return wanted.flatMap((conf) => {
      const at = rest.findIndex((built) => this.#same(built.conf, conf));
      if (at >= 0) return rest.splice(at, 1);
      const filter = this.#build(conf);
      return filter === undefined ? [] : [{ conf, filter }];
    });
  }

  /** From now on `prepared` judges; connections that are open are judged by what is new in it. */
  adopt(prepared: PreparedFilters): void {
    const fresh = prepared.filter((built) => !this.#built.includes(built));
    this.#built = prepared;
    for (const [socket, view] of this.#open)
      if (fresh.some(({ filter }) => filter.judgeAgain(view) !== 'continue')) resetSocket(socket);
  }

  /** Asks each filter; the first refusal counts. A connection that passed is released when its socket closes. */
  judge(socket: Socket, view: ConnectionView): NetworkVerdict {
    const passed: NetworkFilterRuntime[] = [];
    for (const { filter } of this.#built) {
      const verdict = filter.opened(view);
      if (verdict === 'continue') {
        passed.push(filter);
        continue;
      }
      if (passed.length > 0) socket.once('close', () => passed.forEach(release));
      return verdict;
    }
    if (this.#built.length === 0) return 'continue';
    this.#open.set(socket, view);
    socket.once('close', () => {
      this.#open.delete(socket);
      for (const { filter } of this.#built) filter.closed();
    });
    return 'continue';
  }

  #build(filter: NetworkFilter): NetworkFilterRuntime | undefined {
    const { runtime, registry } = this.#parts;
    switch (filter.kind) {
      case 'connection-limit':
        return new (connectionLimit().ConnectionLimit)(filter, registry, runtime.limits?.connections(filter));
      case 'local-rate-limit':
        return new (localRateLimit().LocalRateLimit)(filter, registry, runtime);
      case 'rbac':
        return new (rbac().RbacFilter)(filter, registry, runtime.log, fail);
      case 'sni-cluster':
        // Nothing to ask: the TCP proxy reads the chain.
        return undefined;
    }
  }
}

const release = (filter: NetworkFilterRuntime): void => filter.closed();

function fail(message: string): never {
  throw new Error(message);
}
