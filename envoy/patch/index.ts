/**
 * EnginePatches at work: a row's message is changed patch by patch before it becomes bytes. A patch whose outcome the proxy's engine
 * would refuse is left out and told with the field's name; the resource goes without it.
 */
import type { Diagnostic } from '@weft/core/kernel';
import type { Cluster, Listener, ResourcePatch, RouteConfiguration } from '@weft/core/proxy-config';
import { checkConstraints, Path, Report, writeMessage } from '../codec/index.ts';
import type { ClientProfile } from '../profile/index.ts';
import type { Cursor } from '../resources/base/cursor.ts';
import type { Encoded } from '../resources/base/encoding.ts';
import {
  CLUSTER,
  decodeChecked,
  decodeCluster,
  decodeListener,
  decodeRouteConfiguration,
  encodeCluster,
  encodeListener,
  encodeRouteConfiguration,
  LISTENER,
  ROUTES,
} from '../resources/index.ts';
import type { MessageName, Messages } from '../tables/index.ts';
import type { Fields } from './merge.ts';
import { PatchWork, typeOf, type PatchedResource } from './parts.ts';
import { valueOf } from './value.ts';

export { patchFaults } from './value.ts';
export type { PatchedResource } from './parts.ts';

export interface Patched<Row> {
  /** undefined: a patch removed it, or it must not be sent. */
  readonly bytes: Uint8Array | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What our engine would make of it; undefined: it could not. */
  readonly row: Row | undefined;
  /** Sources of the patches that found something to change, also of those that were left out again. */
  readonly matched: readonly string[];
  /** Sources of those that were left out, with why. */
  readonly refused: readonly { readonly source: string; readonly diagnostics: readonly Diagnostic[] }[];
}

interface Codec<Name extends MessageName, Row> {
  readonly name: Name;
  readonly encode: (row: Row, profile: ClientProfile) => Encoded<Messages[Name]>;
  readonly decode: (cursor: Cursor<Messages[Name] & object>) => Row;
}

const CODECS = {
  listener: { name: LISTENER, encode: encodeListener, decode: decodeListener },
  'route-configuration': { name: ROUTES, encode: encodeRouteConfiguration, decode: decodeRouteConfiguration },
  cluster: { name: CLUSTER, encode: encodeCluster, decode: decodeCluster },
} as const;

interface Rows {
  readonly listener: Listener;
  readonly 'route-configuration': RouteConfiguration;
  readonly cluster: Cluster;
}

/** The bytes of a row with `patches` applied, in their order. */
export function patchedResource<Kind extends PatchedResource>(
  kind: Kind,
  row: Rows[Kind],
  profile: ClientProfile,
  patches: readonly ResourcePatch[],
): Patched<Rows[Kind]> {
  const codec = CODECS[kind] as unknown as Codec<MessageName, Rows[Kind]>;
  const encoded = codec.encode(row, profile);
  const failed = encoded.diagnostics.some(({ severity }) => severity === 'error');
  let message: Fields | undefined = encoded.message as Fields;
  let last: Rows[Kind] | undefined = row;
  const matched: string[] = [];
  const refused: Patched<Rows[Kind]>['refused'][number][] = [];
  for (const patch of patches) {
    if (message === undefined || failed) break;
    const { message: value, faults } = patch.value === undefined ? NOTHING : valueOf(patch.part, patch.value);
    const work = new PatchWork(patch, value);
    const next = work.resource(kind, message);
    if (!work.matched) continue;
    matched.push(patch.source);
    const checked = next === undefined ? { row: undefined, faults } : check(codec, next, profile, faults);
    if (checked.faults.length > 0)
      refused.push({ source: patch.source, diagnostics: located(patch, row.name, checked.faults) });
    else {
      message = next;
      last = checked.row;
    }
  }
  return {
    bytes: message === undefined || failed ? undefined : writeMessage(codec.name, message as Messages[MessageName]),
    diagnostics: encoded.diagnostics,
    row: last,
    matched,
    refused,
  };
}

export interface AddedResource<Row> extends Patched<Row> {
  readonly name: string;
}

/** Resources that patches add to those of the rows; of two of one name the first counts. */
export function addedResources<Kind extends PatchedResource>(
  kind: Kind,
  taken: ReadonlySet<string>,
  profile: ClientProfile,
  patches: readonly ResourcePatch[],
): readonly AddedResource<Rows[Kind]>[] {
  const codec = CODECS[kind] as unknown as Codec<MessageName, Rows[Kind]>;
  const names = new Set(taken);
  return patches.flatMap((patch): AddedResource<Rows[Kind]>[] => {
    if (patch.part !== kind || patch.operation !== 'add-last' || patch.value === undefined) return [];
    const { message, faults } = valueOf(patch.part, patch.value);
    const name = typeof message['name'] === 'string' ? message['name'] : '';
    const own = names.has(name) || name === '' ? [fault('name', name)] : [];
    const checked = check(codec, message, profile, [...faults, ...own]);
    const good = checked.faults.length === 0;
    if (good) names.add(name);
    return [
      {
        name,
        bytes: good ? writeMessage(codec.name, message as Messages[MessageName]) : undefined,
        diagnostics: [],
        row: good ? checked.row : undefined,
        matched: [patch.source],
        refused: good ? [] : [{ source: patch.source, diagnostics: located(patch, name, checked.faults) }],
      },
    ];
  });
}

const NOTHING: ReturnType<typeof valueOf> = { message: {}, faults: [] };

const fault = (path: string, name: string): Diagnostic => ({
  severity: 'error',
  code: 'duplicate-name',
  message: name === '' ? 'what is added needs a name' : `there is one named ${name} already`,
  place: { path },
  remedy: name === '' ? 'add it' : 'change it with `Merge` or `Replace`, or choose another name',
});

/** Envoy's limits always; with our engine also whether it takes every field. */
function check<Name extends MessageName, Row>(
  { name, decode }: Codec<Name, Row>,
  message: Fields,
  { engine }: ClientProfile,
  before: readonly Diagnostic[],
): { readonly row: Row | undefined; readonly faults: readonly Diagnostic[] } {
  if (before.length > 0) return { row: undefined, faults: before };
  typeOf(name);
  const report = new Report();
  const row = decodeChecked(name, message as Messages[Name] & object, Path.ROOT, report, decode);
  if (engine === 'weft' || !report.failed) {
    const faults = report.diagnostics().filter(({ severity }) => severity === 'error');
    return { row: faults.length === 0 ? row : undefined, faults };
  }
  // Others may know more than our engine: they refuse what breaks Envoy's limits.
  const limits = new Report();
  checkConstraints(name, message as Messages[Name], Path.ROOT, limits);
  return { row: undefined, faults: limits.diagnostics().filter(({ severity }) => severity === 'error') };
}

/** At the patch, with the resource and the field that it is about. */
const located = ({ source }: ResourcePatch, name: string, faults: readonly Diagnostic[]): Diagnostic[] => {
  const [object = '', path = ''] = source.split('#', 2);
  return faults.map(({ message, place, ...rest }) => ({
    ...rest,
    message: `${name}: ${place.path === undefined || place.path === '' ? '' : `${place.path}: `}${message}`,
    place: { object, path: `${path}.value` },
  }));
};
