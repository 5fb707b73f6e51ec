/** Compiled route tables by name. A cell stays the same object over changes, so that connection managers see the new table at the next exchange. */
import type { RouteConfiguration } from '@weft/core/proxy-config';
import type { CompiledRoutes, HttpPath } from '../ports.ts';
import type { ApplyFault } from './options.ts';
import { same } from './same.ts';

interface RouteCell {
  current: CompiledRoutes | undefined;
  row: RouteConfiguration | undefined;
}

export class RouteCells {
  readonly #compile: HttpPath['compileRoutes'];
  readonly #cells = new Map<string, RouteCell>();

  constructor(compile: HttpPath['compileRoutes']) {
    this.#compile = compile;
  }

  cell(name: string): RouteCell {
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      cell = { current: undefined, row: undefined };
      this.#cells.set(name, cell);
    }
    return cell;
  }

  update(rows: ReadonlyMap<string, RouteConfiguration>, faults: ApplyFault[]): void {
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
  }

  /** Forgets tables that are gone; managers that still hold a cell keep its last table. */
  sweep(rows: ReadonlyMap<string, RouteConfiguration>): void {
    for (const name of this.#cells.keys()) if (!rows.has(name)) this.#cells.delete(name);
  }
}
