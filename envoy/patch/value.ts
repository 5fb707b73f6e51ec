/** The value of a patch as the message that it is, and what is wrong with it before any proxy sees it. */
import type { Diagnostic } from '@weft/core/kernel';
import type { PatchPart, ResourcePatch } from '@weft/core/proxy-config';
import { jsonSource, readPartly } from '../text/index.ts';
import { hostFaults } from './host-fields.ts';
import type { Fields } from './merge.ts';
import { PART_MESSAGES } from './parts.ts';

export interface PatchValue {
  readonly message: Fields;
  /** Paths are the value's own. */
  readonly faults: readonly Diagnostic[];
}

const read = new WeakMap<object, PatchValue>();

/** By the tables of Envoy's messages: unknown fields, wrong types, values that are no such enumeration. */
export function valueOf(part: PatchPart, value: NonNullable<ResourcePatch['value']>): PatchValue {
  let known = read.get(value);
  if (known === undefined) {
    const source = jsonSource(JSON.stringify(value), '');
    if (source === undefined) throw new TypeError('JSON.stringify made no JSON');
    const { message, faults } = readPartly(PART_MESSAGES[part], source);
    known = {
      message: message as Fields,
      faults: [...faults.map(({ place, ...rest }) => ({ ...rest, place: { path: place.path } })), ...hostFaults(value)],
    };
    read.set(value, known);
  }
  return known;
}

/** The names of the parts as the kind EnginePatch has them. */
const PARTS: Readonly<Record<string, PatchPart>> = {
  Listener: 'listener',
  FilterChain: 'filter-chain',
  NetworkFilter: 'network-filter',
  HttpFilter: 'http-filter',
  RouteConfiguration: 'route-configuration',
  VirtualHost: 'virtual-host',
  Route: 'route',
  Cluster: 'cluster',
};

interface PatchSpec {
  readonly patches?: readonly { readonly part: string; readonly value?: unknown }[];
}

/** What of an EnginePatch's values is no message of Envoy's; paths are from the object's root. */
export const patchFaults = (spec: unknown): Diagnostic[] =>
  ((spec as PatchSpec).patches ?? []).flatMap(({ part: word, value }, index) => {
    const part = PARTS[word];
    if (part === undefined || typeof value !== 'object' || value === null) return [];
    const base = `spec.patches[${index}].value`;
    return valueOf(part, value as NonNullable<ResourcePatch['value']>).faults.map((fault) => {
      const { path = '' } = fault.place;
      return { ...fault, place: { path: path === '' ? base : `${base}${path.startsWith('[') ? '' : '.'}${path}` } };
    });
  });
