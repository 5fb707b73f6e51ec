/**
 * `weft plan -f PATH... [--before PATH...]`: what applying the files would change: objects, proxies, calls, invariants; with `--seen` and `--replay`
 * also which requests that happened would fare otherwise. Changes nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import { accountsIn, type CallChange, type Plan, planOf, populate, World } from '@weft/compile/answers';
import { type Diagnostic, formatDiagnostic, hasErrors } from '@weft/core/kernel';
import { objectName, type StoredObject } from '@weft/core/resources';
import { type KnownObjects, ofControlPlane, ofRead } from '../answers/objects.ts';
import type { ClientFlags } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { happenedFlags } from '../answers/happened.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED } from '../errors.ts';
import { readFiles } from '../files/read-files.ts';

export interface PlanFlags extends ClientFlags {
  readonly file: readonly string[];
  readonly before?: readonly string[];
  readonly output?: string;
  readonly namespace: string;
  readonly seen?: boolean;
  readonly window?: string;
  readonly replay?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Exit code 1: an invariant that holds would break. */
export async function plan(flags: PlanFlags): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const happened = happenedFlags(flags);
  const [wanted, present] = [readFiles(flags.file), flags.before === undefined ? undefined : readFiles(flags.before)];
  const faults = [...wanted.diagnostics, ...(present?.diagnostics ?? [])];
  if (hasErrors(faults)) throw CommandError.of(faults);
  const files = ofRead(wanted);
  const known = present === undefined ? await ofControlPlane(flags) : ofRead(present);
  try {
    const running = flags.before === undefined;
    const objects = objectChanges(known.objects, files.objects);
    const changed = [...known.objects.filter((object) => !isIn(object, files.objects)), ...files.objects];
    const lately = await happened(known.objects);
    // Who is assumed to run is assumed before and after.
    const callers = [...lately.callers, ...accountsIn(known.objects), ...accountsIn(changed)];
    const [before, after] = [worldOf(known.objects, running, callers), worldOf(changed, running, callers)];
    const made = planOf(before, after);
    const compared = lately.compare(before, after);
    const placed = await Promise.all(made.broken.map((finding) => withPlace(finding, files, known)));
    if (format === 'json') process.stdout.write(toJson({ objects, ...made, broken: placed, ...compared.json }));
    else {
      process.stdout.write(planText(objects, { ...made, broken: placed }));
      process.stdout.write(await compared.text(async (source) => (await files.place(source)) || known.place(source)));
    }
    return made.broken.length > 0 ? EXIT_REFUSED : EXIT_OK;
  } finally {
    known.close();
  }
}

const worldOf = (objects: readonly StoredObject[], running: boolean, callers: readonly string[]): World =>
  new World(populate(objects, { service: undefined, caller: undefined, running, gateway: '*', callers }).objects);

const nameOf = ({ kind, metadata }: StoredObject): string => objectName(kind, metadata.namespace, metadata.name);

const isIn = (object: StoredObject, list: readonly StoredObject[]): boolean =>
  list.some((other) => nameOf(other) === nameOf(object));

export interface ObjectChange {
  readonly object: string;
  readonly change: 'created' | 'changed';
}

function objectChanges(before: readonly StoredObject[], files: readonly StoredObject[]): ObjectChange[] {
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

async function withPlace(finding: Diagnostic, ...known: readonly KnownObjects[]): Promise<Diagnostic> {
  for (const one of known) {
    const [, file, line, column] =
      /^(.*):(\d+):(\d+)$/.exec(await one.place(`${finding.place.object ?? ''}#${finding.place.path ?? ''}`)) ?? [];
    if (file !== undefined)
      return { ...finding, place: { ...finding.place, file, line: Number(line), column: Number(column) } };
  }
  return finding;
}

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

function planText(objects: readonly ObjectChange[], made: Plan): string {
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
