/** Which files rows name for their routes and endpoints (path_config_source). Pure. */
import type { Cluster, FilterChain, Listener, ResourceFile } from '@weft/core/proxy-config';
import { namedSecrets } from './secret-names.ts';

interface Rows {
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly clusters: ReadonlyMap<string, Cluster>;
}

/** A file and the name of a resource in it. */
type Named = readonly [file: ResourceFile, name: string];

export const endpointFiles = ({ clusters }: Pick<Rows, 'clusters'>): Named[] =>
  [...clusters.values()].flatMap(({ discovery }) =>
    discovery.kind === 'eds' && discovery.file !== undefined ? [[discovery.file, discovery.serviceName] as const] : [],
  );

export const routeFiles = ({ listeners }: Pick<Rows, 'listeners'>): Named[] =>
  [...listeners.values()].flatMap(({ filterChains, defaultFilterChain }) =>
    [...filterChains, ...(defaultFilterChain === undefined ? [] : [defaultFilterChain])].flatMap(routeFile),
  );

export const secretFiles = (rows: Rows): Named[] =>
  namedSecrets(rows).flatMap(({ file, name }) => (file === undefined ? [] : [[file, name] as const]));

export const namesFiles = (rows: Rows): boolean =>
  endpointFiles(rows).length > 0 || routeFiles(rows).length > 0 || secretFiles(rows).length > 0;

function routeFile({ terminal }: FilterChain): Named[] {
  if (terminal.kind !== 'http-connection-manager' || terminal.manager.routes.kind !== 'rds') return [];
  const { file, name } = terminal.manager.routes;
  return file === undefined ? [] : [[file, name]];
}
