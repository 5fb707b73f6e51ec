/** Which route table the requests of a scope get: for each connection manager with scoped routes, by the key of its scopes. */
import {
  keyOfRequest,
  type RouteScope,
  type ScopedRoutes,
  type ScopeFragment,
  scopeKey,
} from '@weft/core/proxy-config';
import type { CompiledRoutes, HttpPath, RouteSource, ScopeTable } from '../ports.ts';
import type { ApplyFault } from './options.ts';

type Cell = { readonly current: CompiledRoutes | undefined };

/** What scopes are made of. */
export interface ScopeParts {
  readonly cell: (name: string) => Cell;
  readonly compile: HttpPath['compileRoutes'];
}

class Scope implements ScopeTable {
  readonly onDemand: string;
  readonly #cell: Cell;

  constructor(cell: Cell, onDemand: string) {
    this.#cell = cell;
    this.onDemand = onDemand;
  }

  get current(): CompiledRoutes | undefined {
    return this.#cell.current;
  }
}

/** Scopes by key. Scopes of the table come and go; a row that is the same keeps its object. */
export class Scopes {
  readonly #parts: ScopeParts;
  #rows: ReadonlyMap<string, RouteScope> = new Map();
  #made = new Map<string, Scope>();
  #byKey: ReadonlyMap<string, Scope> = new Map();

  constructor(parts: ScopeParts) {
    this.#parts = parts;
  }

  /** A scope that cannot be compiled, or whose key another one has, keeps what it was before. */
  update(rows: ReadonlyMap<string, RouteScope>, fault: (name: string, message: string) => void): void {
    const made = new Map<string, Scope>();
    const byKey = new Map<string, Scope>();
    const owners = new Map<string, string>();
    for (const [name, row] of rows) {
      const scope = this.#rows.get(name) === row ? this.#made.get(name) : this.#make(row, fault);
      if (scope === undefined) continue;
      const key = scopeKey(row.key);
      const owner = owners.get(key);
      if (owner !== undefined) {
        fault(name, `scope ${name} has the key of scope ${owner}`);
        continue;
      }
      owners.set(key, name);
      made.set(name, scope);
      byKey.set(key, scope);
    }
    this.#rows = rows;
    this.#made = made;
    this.#byKey = byKey;
  }

  #make({ name, routes, onDemand }: RouteScope, fault: (name: string, message: string) => void): Scope | undefined {
    if (routes.kind === 'rds') return new Scope(this.#parts.cell(routes.name), onDemand ? routes.name : '');
    const compiled = this.#parts.compile(routes.configuration);
    if ('routes' in compiled) return new Scope({ current: compiled.routes }, '');
    for (const message of compiled.faults) fault(name, message);
    return this.#made.get(name);
  }

  get(key: string): ScopeTable | undefined {
    return this.#byKey.get(key);
  }

  isLive(routes: CompiledRoutes): boolean {
    for (const scope of this.#byKey.values()) if (scope.current === routes) return true;
    return false;
  }
}

export class ScopedSource implements RouteSource {
  readonly current = undefined;
  readonly #fragments: readonly ScopeFragment[];
  readonly #scopes: Scopes;

  constructor(fragments: readonly ScopeFragment[], scopes: Scopes) {
    this.#fragments = fragments;
    this.#scopes = scopes;
  }

  scoped(header: (name: string) => string | undefined): ScopeTable | undefined {
    const key = keyOfRequest(this.#fragments, header);
    return key === undefined ? undefined : this.#scopes.get(key);
  }

  isLive(routes: CompiledRoutes): boolean {
    return this.#scopes.isLive(routes);
  }
}

/** Throws an error that says what cannot be built of scopes that a connection manager states itself. */
export function statedScopes(row: ScopedRoutes, parts: ScopeParts): Scopes {
  const scopes = new Scopes(parts);
  const faults: string[] = [];
  scopes.update(new Map((row.scopes ?? []).map((scope) => [scope.name, scope])), (_name, message) =>
    faults.push(message),
  );
  if (faults.length > 0) throw new Error(faults.join('; '));
  return scopes;
}

export const scopeFault =
  (faults: ApplyFault[]) =>
  (name: string, message: string): void =>
    void faults.push({ table: 'scopes', name, message });
