/** What applying objects would change, for whoever asks: `weft plan`, and the dashboard's "what if?". Changes nothing. */
import { isDeepStrictEqual } from 'node:util';
import { type CallChange, type Plan, populate, World } from '@weft/compile/answers';
import { formatDiagnostic } from '@weft/core/kernel';
import { objectName, type StoredObject } from '@weft/core/resources';

export const worldOf = (objects: readonly StoredObject[], running: boolean, callers: readonly string[]): World =>
  new World(populate(objects, { service: undefined, caller: undefined, running, gateway: '*', callers }).objects);

const nameOf = ({ kind, metadata }: StoredObject): string => objectName(kind, metadata.namespace, metadata.name);

/** The mesh with these objects in place of those of their names. */
export function withObjects(known: readonly StoredObject[], files: readonly StoredObject[]): StoredObject[] {
  const replaced = new Set(files.map(nameOf));
  return [...known.filter((object) => !replaced.has(nameOf(object))), ...files];
}

export interface ObjectChange {
  readonly object: string;
  readonly change: 'created' | 'changed';
}

export function objectChanges(before: readonly StoredObject[], files: readonly StoredObject[]): ObjectChange[] {
  const known = new Map(before.map((object) => [nameOf(object), object]));
  return files.flatMap((object): ObjectChange[] => {
    const old = known.get(nameOf(object));
    if (old === undefined) return [{ object: nameOf(object), change: 'created' }];
    const same =
      isDeepStrictEqual(plain(old.spec), plain(object.spec)) &&
      isDeepStrictEqual(plain(old.metadata.labels), plain(object.metadata.labels));
    return same ? [] : [{ object: nameOf(object), change: 'changed' }];
  });
}

/** Without fields that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

const TITLES: Readonly<Record<CallChange['kind'], string>> = {
  allowed: 'NEWLY ALLOWED',
  denied: 'NEWLY DENIED',
  plaintext: 'NO LONGER ENCRYPTED',
  encrypted: 'newly encrypted',
  rerouted: 'goes elsewhere',
  otherwise: 'answered otherwise',
};
const ORDER: readonly CallChange['kind'][] = ['plaintext', 'allowed', 'denied', 'otherwise', 'rerouted', 'encrypted'];
/** Calls of one kind that are written out. */
const SHOWN = 20;

export function planText(objects: readonly ObjectChange[], made: Plan): string {
  const lines: string[] = [];
  for (const { object, change } of objects) lines.push(`${change.padEnd(8)} ${object}`);
  if (objects.length === 0) lines.push('no object changes');
  lines.push(`proxies: ${made.proxies.length} of ${made.workloads} get other inbound rules${listed(made.proxies)}`);
  lines.push(`service ports with changed answers or routes: ${made.ports.length}${listed(made.ports)}`);
  for (const kind of ORDER) {
    const calls = made.calls.filter((call) => call.kind === kind);
    if (calls.length === 0) continue;
    lines.push('', `${TITLES[kind]}:`, ...calls.slice(0, SHOWN).map(callText));
    if (calls.length > SHOWN) lines.push(`  and ${calls.length - SHOWN} more (-o json shows all)`);
  }
  for (const [title, paths] of [
    ['EXPOSED TO ANYBODY', made.exposed],
    ['no longer exposed', made.closed],
  ] as const)
    if (paths.length > 0) lines.push('', `${title}:`, ...paths.map((path) => `  ${path}`));
  for (const finding of made.broken) lines.push('', `BREAKS ${formatDiagnostic(finding)}`);
  if (made.brokenBefore.length > 0)
    lines.push('', `${made.brokenBefore.length} invariants did not hold before either: see \`weft check\``);
  lines.push('', `plan: ${made.asked} questions asked before and after${made.cut ? ', and more were left out' : ''}`);
  return `${lines.join('\n')}\n`;
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? '' : `: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`;

function callText({
  caller,
  gateway,
  others,
  service,
  port,
  request,
  before,
  after,
  from,
  to,
  kind,
}: CallChange): string {
  const who = `${caller === '' ? 'a caller outside the mesh' : caller}${others > 0 ? ` and ${others} more` : ''}`;
  const headers = request.headers.map(({ name, value }) => ` -H '${name}: ${value}'`).join('');
  const what = `  ${who} -> ${gateway ? 'gateway ' : ''}${service}:${port} ${request.method} ${request.path}${headers}`;
  if (kind === 'rerouted') return `${what}\n      from ${from}\n      to   ${to}`;
  return `${what}: ${word(before)} -> ${word(after)}`;
}

const word = ({ kind, status }: CallChange['before']): string => (status === 0 ? kind : `${kind} (${status})`);
