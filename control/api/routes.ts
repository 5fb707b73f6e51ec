/**
 * Every path of the API, in the order they are tried. `open` paths need no user; `verb` is what authorization is asked for on paths of
 * objects. Anything else is 404, a known path with another method 405.
 */
import { kindsOf } from '@weft/core/resources';
import type { Verb } from './auth/user.ts';
import type { Target } from './catalog.ts';
import type { Call, Outcome } from './handlers/call.ts';
import { openApiIndex, openApiV2, openApiV3 } from './handlers/openapi.ts';
import { getHistory, getObject, getOrigin, listOrWatch } from './handlers/read.ts';
import { coreVersions, events, group, groups, health, readiness, resourceList, version } from './handlers/system.ts';
import { createObject, deleteObject, patchObject, replaceObject, rollbackObject } from './handlers/write.ts';

export interface SystemRoute {
  readonly method: 'GET';
  readonly path: string;
  readonly open?: true;
  run(call: Call): Outcome;
}

/** Below `/api/:version` or `/apis/:group/:version`. */
export interface ObjectRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly verb: Verb;
  run(call: Call, target: Target): Promise<Outcome>;
}

export const SYSTEM_ROUTES: readonly SystemRoute[] = [
  { method: 'GET', path: '/healthz', open: true, run: health },
  { method: 'GET', path: '/livez', open: true, run: health },
  { method: 'GET', path: '/readyz', open: true, run: readiness },
  { method: 'GET', path: '/version', run: version },
  { method: 'GET', path: '/api', run: coreVersions },
  { method: 'GET', path: '/api/:version', run: resourceList },
  { method: 'GET', path: '/api/v1/events', run: events },
  { method: 'GET', path: '/api/v1/namespaces/:namespace/events', run: events },
  { method: 'GET', path: '/apis', run: groups },
  { method: 'GET', path: '/apis/:group', run: group },
  { method: 'GET', path: '/apis/:group/:version', run: resourceList },
  { method: 'GET', path: '/openapi/v2', run: openApiV2 },
  { method: 'GET', path: '/openapi/v3', run: openApiIndex },
  { method: 'GET', path: '/openapi/v3/api/:version', run: openApiV3 },
  { method: 'GET', path: '/openapi/v3/apis/:group/:version', run: openApiV3 },
];

/** Paths of one object or kind; with `namespaces/:namespace` before them for objects of a namespace. */
export const OBJECT_ROUTES: readonly ObjectRoute[] = [
  { method: 'GET', path: ':plural', verb: 'list', run: listOrWatch },
  { method: 'POST', path: ':plural', verb: 'create', run: createObject },
  { method: 'GET', path: ':plural/:name', verb: 'get', run: getObject },
  { method: 'PUT', path: ':plural/:name', verb: 'update', run: replaceObject },
  { method: 'PATCH', path: ':plural/:name', verb: 'patch', run: patchObject },
  { method: 'DELETE', path: ':plural/:name', verb: 'delete', run: deleteObject },
  { method: 'GET', path: ':plural/:name/status', verb: 'get', run: getObject },
  { method: 'PUT', path: ':plural/:name/status', verb: 'update', run: replaceObject },
  { method: 'PATCH', path: ':plural/:name/status', verb: 'patch', run: patchObject },
  { method: 'GET', path: ':plural/:name/history', verb: 'get', run: getHistory },
  { method: 'GET', path: ':plural/:name/origin', verb: 'get', run: getOrigin },
  { method: 'POST', path: ':plural/:name/rollback', verb: 'update', run: rollbackObject },
];

export type Params = Readonly<Record<string, string>>;

/** The named parts of `path` when it has the shape of `pattern`. */
export function matchPath(pattern: string, path: string): Params | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const actual = given[index] ?? '';
    if (part.startsWith(':')) {
      if (actual === '') return undefined;
      params[part.slice(1)] = actual;
    } else if (part !== actual) return undefined;
  }
  return params;
}

export interface FoundSystem {
  readonly route: SystemRoute;
  readonly params: Params;
}

export interface FoundObject {
  readonly route: ObjectRoute;
  readonly params: Params;
  readonly target: Target;
}

/** `wrong method`: the path is served, not with this method. */
export type Found = FoundSystem | FoundObject | 'wrong method' | undefined;

const ROOT = /^\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))\/(.+)$/;

export function findRoute(method: string, path: string): Found {
  for (const route of SYSTEM_ROUTES) {
    const params = matchPath(route.path, path);
    if (params !== undefined) return method === route.method ? { route, params } : 'wrong method';
  }
  const root = ROOT.exec(path);
  if (root === null) return undefined;
  const [, core, group = '', served = core ?? '', below = ''] = root;
  const namespaced = /^namespaces\/([^/]+)\/([^/]+(?:\/.*)?)$/.exec(below);
  let wrongMethod = false;
  const attempts = [{ namespace: '', rest: below }];
  if (namespaced !== null) attempts.unshift({ namespace: namespaced[1] ?? '', rest: namespaced[2] ?? '' });
  for (const { namespace, rest } of attempts) {
    for (const route of OBJECT_ROUTES) {
      const params = matchPath(route.path, rest);
      const target = params === undefined ? undefined : targetOf(group, served, namespace, params);
      if (params === undefined || target === undefined || !scopeFits(route, target)) continue;
      if (route.method !== method) wrongMethod = true;
      else return { route, params: { ...params, ...subresource(route) }, target };
    }
  }
  return wrongMethod ? 'wrong method' : undefined;
}

function targetOf(group: string, version: string, namespace: string, params: Params): Target | undefined {
  const kind = kindsOf(group, version).find(({ plural }) => plural === params['plural']);
  if (kind === undefined || (kind.scope === 'Cluster' && namespace !== '')) return undefined;
  return { kind, version, namespace, name: params['name'] ?? '' };
}

/** Without a namespace, objects of namespaces can be listed and watched only. */
const scopeFits = (route: ObjectRoute, { kind, namespace }: Target): boolean =>
  kind.scope === 'Cluster' || namespace !== '' || route.verb === 'list';

const subresource = ({ path }: ObjectRoute): Params => {
  const [, , word] = path.split('/');
  return word === undefined ? {} : { subresource: word };
};
