/** Compiled route tables by name, and by scope. A cell stays the same object over changes, so that connection managers see the new table at the next exchange. */
import type { RouteConfiguration, RouteScope, ScopedRoutes } from '@weft/core/proxy-config';
import type { CompiledRoutes, HttpPath, RouteSource } from '../ports.ts';
import type { ApplyFault } from './options.ts';
import { same } from './same.ts';
import { ScopedSource, scopeFault, Scopes, statedScopes } from './scoped-routes.ts';

interface RouteCell {
  current: CompiledRoutes | undefined;
  row: RouteConfiguration | undefined;
}

export class RouteCells {
  readonly #compile: HttpPath['compileRoutes'];
  readonly #cells = new Map<string, RouteCell>();
  readonly #scopes: Scopes;

  constructor(compile: HttpPath['compileRoutes']) {
    this.#compile = compile;
    this.#scopes = new Scopes({ cell: (name) => this.cell(name), compile });
  }

  /** Throws an error that says what of scopes with tables of their own cannot be built. */
  scoped(row: ScopedRoutes): RouteSource {
    const parts = { cell: (name: string) => this.cell(name), compile: this.#compile };
    return new ScopedSource(row.fragments, row.scopes === undefined ? this.#scopes : statedScopes(row, parts));
  }

  has(name: string): boolean {
    return this.#cells.get(name)?.current !== undefined;
  }

  cell(name: string): RouteCell {
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      cell = { current: undefined, row: undefined };
      this.#cells.set(name, cell);
    }
    return cell;
  }

  update(
    rows: ReadonlyMap<string, RouteConfiguration>,
    scopes: ReadonlyMap<string, RouteScope>,
    faults: ApplyFault[],
  ): void {
    for (const row of rows.values()) {
      const cell = this.cell(row.name);
      if (same(cell.row, row)) continue;
      const compiled = this.#compile(row);
      if ('faults' in compiled) {
        for (const message of compiled.faults) faults.push({ table: 'routes', name: row.name, message });
        continue;
      }
      cell.current = compiled.routes;
      cell.row = row;
    }
    this.#scopes.update(scopes, scopeFault(faults));
  }

  /** Forgets tables that are gone; managers that still hold a cell keep its last table. Cells that scopes wait for stay. */
  sweep(rows: ReadonlyMap<string, RouteConfiguration>): void {
    for (const [name, { current }] of this.#cells)
      if (current !== undefined && !rows.has(name)) this.#cells.delete(name);
  }
}
