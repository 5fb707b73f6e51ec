/** Objects as meta.v1.Table: what `kubectl get` prints. Pure. */
import type { AnyKind, StoredObject } from '@weft/core/resources';
import type { Json, JsonObject } from '../patch/merge-patch.ts';
import { partialObject, wireObject } from './object-form.ts';

export interface TableOptions {
  readonly kind: AnyKind;
  readonly version: string;
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** ms since the epoch: ages count to here. */
  readonly now: number;
}

export function table(objects: readonly StoredObject[], metadata: JsonObject, options: TableOptions): JsonObject {
  const columns = options.kind.columns;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: 'metadata.name', priority: 0 },
      ...columns.map(({ name, type, doc, priority }) => ({
        name,
        type: type === 'date' ? 'string' : type,
        format: '',
        description: doc,
        priority,
      })),
      { name: 'Age', type: 'string', format: '', description: 'metadata.creationTimestamp', priority: 0 },
    ],
    rows: objects.map((object) => row(object, options)),
  };
}

function row(object: StoredObject, { kind, version, includeObject, now }: TableOptions): JsonObject {
  const cells: Json[] = [object.metadata.name];
  for (const column of kind.columns) {
    const value = column.value(object as Parameters<typeof column.value>[0]);
    cells.push(column.type === 'date' ? age(String(value), now) : value);
  }
  cells.push(age(object.metadata.creationTimestamp, now));
  if (includeObject === 'None') return { cells };
  return { cells, object: includeObject === 'Object' ? wireObject(object, kind, version) : partialObject(object) };
}

/** How long ago `timestamp` (RFC 3339) was, in kubectl's short form: `42s`, `5m3s`, `3h12m`, `4d`. `<unknown>` when it is no time. */
export function age(timestamp: string, now: number): string {
  const then = Date.parse(timestamp);
  if (Number.isNaN(then)) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const two = (a: number, unit: string, b: number, part: string): string =>
    b === 0 ? `${a}${unit}` : `${a}${unit}${b}${part}`;
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  return two(Math.floor(days / 365), 'y', days % 365, 'd');
}
