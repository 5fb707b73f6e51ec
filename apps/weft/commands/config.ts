/** `weft config WORKLOAD|NAME [TABLE]`: what a proxy was told to do. NAME is what `weft run --name` was given; its oldest instance answers. */
import type { ConfigDocument, ProxiesDocument, ProxyDocument } from '@weft/core/documents';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { toJson, toYaml } from '../cli/output.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';

export interface ConfigFlags extends ClientFlags {
  readonly namespace: string;
  readonly output?: string;
}

const TABLES = ['listeners', 'routes', 'clusters', 'endpoints', 'secrets'] as const;
type Table = (typeof TABLES)[number];

export async function config(flags: ConfigFlags, [workload = '', table]: readonly string[]): Promise<number> {
  const wanted = TABLES.find((one) => one === table);
  if (table !== undefined && wanted === undefined)
    throw new UsageError(`'${table}' is not one of ${TABLES.join(', ')}`);
  const format = flags.output ?? 'yaml';
  if (format !== 'yaml' && format !== 'json') throw new UsageError(`-o takes yaml or json, not '${format}'`);
  const client = connect(flags);
  try {
    const { proxies } = (await orFail(client.call('GET', '/weft/v1/proxies'))) as unknown as ProxiesDocument;
    const proxy = findProxy(proxies, workload, flags.namespace);
    const document = (await orFail(
      client.call('GET', `/weft/v1/proxies/${proxy.namespace}/${proxy.name}/config`),
    )) as unknown as ConfigDocument;
    const shown: unknown = wanted === undefined ? document : (document as Readonly<Record<Table, unknown>>)[wanted];
    process.stdout.write(format === 'json' ? toJson(shown) : toYaml(shown));
    return EXIT_OK;
  } finally {
    client.close();
  }
}

/** By `NAMESPACE/NAME`, the Workload's name, or the name it was run under. */
export function findProxy(proxies: readonly ProxyDocument[], word: string, namespace: string): ProxyDocument {
  const slash = word.indexOf('/');
  const space = slash < 0 ? namespace : word.slice(0, slash);
  const name = slash < 0 ? word : word.slice(slash + 1);
  const near = proxies.filter((proxy) => proxy.namespace === space && proxy.connected);
  const found = near.find((proxy) => proxy.name === name) ?? near.find((proxy) => proxy.name.slice(0, -6) === name);
  if (found !== undefined) return found;
  const known = proxies.map((proxy) => `${proxy.namespace}/${proxy.name}`);
  throw new CommandError(
    `no proxy of ${space}/${name} is connected`,
    known.length === 0 ? 'Start one with `weft run`.' : `There are ${known.join(', ')}.`,
  );
}
