/** All routes of a mesh by what they are attached to, and each route's status. */
import type { HttpEntryRow, ListenerRoutesRow, TcpRuleRow } from '../rows.ts';
import { byName } from '../keys.ts';
import type { Grants } from './grants.ts';
import { assembleHttpRoutes } from './http-routes.ts';
import type { Memory } from './memory.ts';
import type { Objects } from './objects.ts';
import type { Parents } from './parents.ts';
import type { ObjectStatus } from './status.ts';
import { assembleStreamRoutes } from './stream-routes.ts';

export interface Routes {
  readonly httpRules: ReadonlyMap<string, readonly HttpEntryRow[]>;
  readonly tcpRule: ReadonlyMap<string, TcpRuleRow>;
  readonly listenerRoutes: ReadonlyMap<string, ListenerRoutesRow>;
  /** How many routes each listener has, by its key. */
  readonly attached: ReadonlyMap<string, number>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleRoutes(memory: Memory, objects: Objects, parents: Parents, grants: Grants): Routes {
  const { httpRoutes, grpcRoutes, tcpRoutes, tlsRoutes, udpRoutes } = objects;
  const http = assembleHttpRoutes(memory, httpRoutes, grpcRoutes, parents, grants);
  const stream = assembleStreamRoutes(memory, [...tcpRoutes, ...tlsRoutes, ...udpRoutes], parents, grants);
  const listenerRoutes = new Map<string, ListenerRoutesRow>();
  for (const key of new Set([...http.hosts.keys(), ...stream.streams.keys()])) {
    const hosts = sorted(http.hosts.get(key));
    const streams = sorted(stream.streams.get(key));
    listenerRoutes.set(
      key,
      memory.remember(`listener-routes ${key}`, [...hosts.flat(), ...streams.flat()], () => ({
        hosts: hosts.map(([domain, entries]) => ({ domain, entries })),
        streams: streams.map(([name, rule]) => ({ name, rule })),
      })),
    );
  }
  return {
    httpRules: http.rules,
    tcpRule: stream.rules,
    listenerRoutes,
    attached: new Map([...http.attached, ...stream.attached]),
    statuses: [...http.statuses, ...stream.statuses],
  };
}

const sorted = <T>(names: ReadonlyMap<string, T> | undefined): [string, T][] =>
  [...(names ?? [])].sort(([a], [b]) => byName(a, b));
