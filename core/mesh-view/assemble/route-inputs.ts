/** What a route's resolution depends on beside the route: the objects it names. A resolution is kept while they are the same. */
import { GATEWAY_GROUP, type HTTPRouteFilter, type ParentRef, type StoredObject } from '../../resources/index.ts';
import type { Grants } from './grants.ts';
import type { Parents } from './parents.ts';

type AnyRoute = StoredObject<{
  readonly parentRefs?: readonly ParentRef[] | undefined;
  readonly rules: readonly {
    readonly backendRefs?: readonly { readonly name: string; readonly namespace?: string | undefined }[] | undefined;
  }[];
}>;

export function inputsOf(
  route: AnyRoute,
  { services, gateways, namespaces, extensions, routeFilters }: Parents,
  grants: Grants,
): unknown[] {
  const { namespace: own } = route.metadata;
  const named = route.spec.rules.flatMap((rule) => rule.backendRefs ?? []);
  const backends = [...named, ...[...route.spec.rules, ...named].flatMap(mirrorsOf)];
  const extended = [...route.spec.rules, ...named].flatMap(extensionsOf);
  const parents = route.spec.parentRefs ?? [];
  const atGateways = parents.filter(({ group, kind }) => group === GATEWAY_GROUP && kind === 'Gateway');
  return [
    route,
    ...[...parents, ...backends].map(({ name, namespace }) => services.get(`${namespace ?? own}/${name}`)),
    ...atGateways.map(({ name, namespace }) => gateways.get(`${namespace ?? own}/${name}`)),
    ...extended.flatMap((name) => [extensions.get(`${own}/${name}`), routeFilters.get(`${own}/${name}`)]),
    atGateways.length > 0 ? namespaces.get(own) : undefined,
    backends.some(({ namespace }) => namespace !== undefined && namespace !== own) ? grants : undefined,
  ];
}

const mirrorsOf = (part: object): readonly { readonly name: string; readonly namespace?: string | undefined }[] => {
  const { filters = [] } = part as { readonly filters?: readonly HTTPRouteFilter[] };
  return filters.flatMap(({ requestMirror, externalAuth }) => [
    ...(requestMirror === undefined ? [] : [requestMirror.backendRef]),
    ...(externalAuth === undefined ? [] : [externalAuth.backendRef]),
  ]);
};

const extensionsOf = (part: object): readonly string[] => {
  const { filters = [] } = part as { readonly filters?: readonly HTTPRouteFilter[] };
  return filters.flatMap(({ extensionRef }) => extensionRef?.name ?? []);
};
