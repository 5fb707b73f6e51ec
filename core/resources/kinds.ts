/** Every kind there is, and the ways to find one. The list is the registry: nothing adds to it at run time. */
import { ACCESS_POLICY } from './access-policy/index.ts';
import { EXTERNAL_SERVICE } from './external-service/index.ts';
import { ENGINE_PATCH } from './engine-patch/index.ts';
import { EXTENSION } from './extension/index.ts';
import { FAULT } from './fault/index.ts';
import { BACKEND_TLS_POLICY } from './backend-tls-policy/index.ts';
import { X_BACKEND_TRAFFIC_POLICY } from './backend-traffic-policy/index.ts';
import { CONFIG_MAP } from './config-map/index.ts';
import { GATEWAY_CLASS } from './gateway-class/index.ts';
import { GATEWAY } from './gateway-object/index.ts';
import { GRPC_ROUTE } from './grpc-route/index.ts';
import { AUTHENTICATION } from './authentication/index.ts';
import { HTTP_ROUTE } from './http-route/index.ts';
import { HTTP_ROUTE_FILTER } from './http-route-filter/index.ts';
import { INVARIANT } from './invariant/index.ts';
import { SERVICE_LEVEL } from './service-level/index.ts';
import type { Kind } from './kind.ts';
import { LISTENER_SET } from './listener-set/index.ts';
import { MESH } from './mesh/index.ts';
import type { ObjectKey, StoredObject } from './object.ts';
import { NAMESPACE } from './namespace/index.ts';
import { RATE_LIMIT } from './rate-limit/index.ts';
import { REFERENCE_GRANT } from './reference-grant/index.ts';
import type { ObjectSchema } from './schema/schema.ts';
import { SECRET } from './secret/index.ts';
import { SERVICE } from './service/index.ts';
import { SUBSET } from './subset/index.ts';
import { TELEMETRY } from './telemetry/index.ts';
import { TCP_ROUTE } from './tcp-route/index.ts';
import { TLS_ROUTE } from './tls-route/index.ts';
import { TRAFFIC_POLICY } from './traffic-policy/index.ts';
import { UDP_ROUTE } from './udp-route/index.ts';
import { VISIBILITY } from './visibility/index.ts';
import { WORKLOAD } from './workload/index.ts';
import { suggest } from './schema/index.ts';

/** A descriptor whose spec type is not known where it is used: the list forgets it. */
export type AnyKind = Kind<ObjectSchema, unknown, unknown>;

/** In the order objects of one file are applied: what is referred to comes before what refers. */
export const KINDS: readonly AnyKind[] = [
  MESH,
  NAMESPACE,
  SERVICE,
  EXTERNAL_SERVICE,
  SUBSET,
  WORKLOAD,
  SECRET,
  CONFIG_MAP,
  REFERENCE_GRANT,
  GATEWAY_CLASS,
  GATEWAY,
  LISTENER_SET,
  HTTP_ROUTE_FILTER,
  HTTP_ROUTE,
  GRPC_ROUTE,
  TLS_ROUTE,
  TCP_ROUTE,
  UDP_ROUTE,
  BACKEND_TLS_POLICY,
  X_BACKEND_TRAFFIC_POLICY,
  TRAFFIC_POLICY,
  FAULT,
  RATE_LIMIT,
  AUTHENTICATION,
  EXTENSION,
  ACCESS_POLICY,
  VISIBILITY,
  TELEMETRY,
  ENGINE_PATCH,
  INVARIANT,
  SERVICE_LEVEL,
];

/** By group and kind, exact case. */
export const kindOf = (group: string, kind: string): AnyKind | undefined =>
  KINDS.find((entry) => entry.group === group && entry.kind === kind);

/** The group of an `apiVersion`: '' for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.lastIndexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** What names an object. */
export const keyOf = ({ apiVersion, kind, metadata: { namespace, name } }: StoredObject): ObjectKey => ({
  group: groupOf(apiVersion),
  kind,
  namespace,
  name,
});

/** The kind of a stored object. */
export const kindOfObject = (object: StoredObject): AnyKind | undefined =>
  kindOf(groupOf(object.apiVersion), object.kind);

/** By group and plural, as in a URL. */
export const kindOfPlural = (group: string, plural: string): AnyKind | undefined =>
  KINDS.find((entry) => entry.group === group && entry.plural === plural);

/**
 * By what a person types: kind, plural, singular or short name, in any case, optionally with `.group` after it
 * (`httproutes.gateway.networking.k8s.io`).
 */
export function kindOfWord(word: string): AnyKind | undefined {
  const lower = word.toLowerCase();
  const dot = lower.indexOf('.');
  const name = dot < 0 ? lower : lower.slice(0, dot);
  const group = dot < 0 ? undefined : lower.slice(dot + 1);
  return KINDS.find(
    (kind) =>
      (group === undefined || kind.group === group) &&
      [kind.kind.toLowerCase(), kind.plural, kind.singular, ...kind.shortNames].includes(name),
  );
}

/** Every word `kindOfWord` knows, for suggestions and completion. */
export const KIND_WORDS: readonly string[] = KINDS.flatMap((kind) => [kind.plural, kind.singular, ...kind.shortNames]);

/** Plurals of the kinds that a word which names none may mean: those it is a part of, else the nearest; all when none is near. */
export function kindsLike(word: string): readonly string[] {
  const lower = word.toLowerCase();
  const plurals = KINDS.map(({ plural }) => plural);
  const holding = lower.length < 3 ? [] : plurals.filter((plural) => plural.includes(lower));
  if (holding.length > 0) return holding;
  const near = suggest(lower, KIND_WORDS);
  const kind = near === undefined ? undefined : kindOfWord(near);
  return kind === undefined ? plurals : [kind.plural];
}
