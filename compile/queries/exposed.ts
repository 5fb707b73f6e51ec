/**
 * Exposed paths (Authentication `exposed`): a listener a port, in plaintext, that routes GET and HEAD of the named paths to the application and
 * nothing else. Whoever asks is a stranger: nothing it says about itself is believed, and no header reaches the application that could make
 * another request of it. Nothing needs to allow it; what a DENY is about is refused here too.
 */
import {
  type AuthenticationRow,
  type ExposedPort,
  type ExposedRow,
  exposuresOf,
  type MeshRow,
  ONLY,
  providersOf,
  type WorkloadPortRow,
  workloadPortKey,
} from '@weft/core/mesh-view';
import type { HttpConnectionManager, Listener, Route, RouteConfiguration } from '@weft/core/proxy-config';
import { access } from '../behaviours/access/index.ts';
import { bounded } from '../behaviours/arrival-bounds/index.ts';
import { headersOfTokens } from '../behaviours/authentication/index.ts';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import type { Query } from '../incremental/query.ts';
import { exposedName, inboundName } from '../names.ts';
import { httpManager } from './http-manager.ts';
import { ownAddresses } from './inbound.ts';
import { chain, http, listener } from './listener.ts';
import { ANSWERS_AT_EDGE, NO_ANSWERS_OF_OTHERS } from './own-answers.ts';
import { routeMatch } from './route-match.ts';
import { forwardTo, routeConfiguration, virtualHost } from './routes.ts';

/** Of a workload, by its key. */
export const exposedListeners: Query<string, readonly Listener[]> = {
  name: 'exposed-listeners',
  keyOf: (workload) => workload,
  compute(context, key) {
    const mesh = context.read('mesh', ONLY);
    const workload = context.read('workload', key);
    if (mesh === undefined || workload === undefined) return [];
    return exposuresOf(context, workload).open.map((exposed): Listener => {
      const { port, row } = exposed;
      const at = workloadPortKey(key, port.port);
      const name = exposedName(port.port);
      const made = chain(name, http(manager(name, exposed, context.read('arrivalTokens', at))), row.source);
      const rows = (context.read('accessPolicies', key) ?? []).filter(({ action }) => DECIDING.has(action));
      const guarded = access.inboundChain?.(made, {
        engine: 'weft',
        mesh: openedIn(mesh),
        workload,
        port,
        mtls: 'disabled',
        access: rows,
        providers: providersOf(context, rows),
        guests: [],
        tokens: undefined,
        headers: undefined,
        bounds: undefined,
        limit: undefined,
        limiter: undefined,
        processor: undefined,
      });
      return listener({
        name,
        addresses: ownAddresses(workload, row.listenerPort),
        direction: 'inbound',
        chains: [bounded(guarded ?? made, context.read('arrivalBounds', at))],
        source: row.source,
      });
    });
  },
};

/** Of the policies those that count without anybody being known. */
const DECIDING: ReadonlySet<string> = new Set(['DENY', 'AUDIT']);

/** That nothing allows it is what `exposed` says. */
const openedIn = (mesh: MeshRow): MeshRow => ({ ...mesh, access: 'allow', accessIn: {} });

/** ms; who checks health has given up by then. */
const TIMEOUT = 60_000;

/** What some applications take another method or path from. */
const OVERRIDES = [
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
  'x-original-uri',
  'x-rewrite-uri',
] as const;

function manager(
  name: string,
  { port, row }: ExposedPort,
  tokens: AuthenticationRow | undefined,
): HttpConnectionManager {
  const made = httpManager({
    statPrefix: name,
    direction: 'inbound',
    routes: { kind: 'inline', configuration: routes(name, port, row, tokens) },
    upgrades: [],
    answers: ANSWERS_AT_EDGE,
  });
  return {
    ...made,
    http2: { ...made.http2, allowConnect: false },
    useRemoteAddress: true,
    skipXffAppend: false,
    forwardClientCert: { ...made.forwardClientCert, details: 'sanitize', uri: false },
  };
}

const routes = (
  name: string,
  port: WorkloadPortRow,
  row: ExposedRow,
  tokens: AuthenticationRow | undefined,
): RouteConfiguration => ({
  ...routeConfiguration(name, [
    virtualHost(
      name,
      ['*'],
      row.paths.flatMap((path) => METHODS.map((method) => route(path, method, port, row.source))),
    ),
  ]),
  headers: {
    ...NO_ANSWERS_OF_OTHERS,
    requestRemove: [...OVERRIDES, ...(tokens === undefined ? [] : headersOfTokens(tokens))],
  },
});

const METHODS = ['GET', 'HEAD'] as const;

const route = (path: string, method: string, { port }: WorkloadPortRow, source: string): Route => ({
  name: source,
  statPrefix: '',
  match: routeMatch({ path: { kind: 'exact', value: path }, method, headers: [], queryParameters: [] }, 'weft'),
  action: { ...forwardTo(inboundName(port)), timeout: TIMEOUT, retryPolicy: undefined },
  headers: NO_MUTATIONS,
  filterOverrides: [],
  metadata: [],
  source,
});
