/** `weft status`: each proxy with its engine, whether it is connected and synced, its certificate, and what it speaks on its hops. Exit code 1 when one is rejected. */
import type { ProxiesDocument, ProxyDocument } from '@weft/core/documents';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { formatAge } from '../cli/durations.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { systemWallClock } from '../clocks.ts';
import { EXIT_OK, EXIT_REFUSED } from '../errors.ts';

export interface StatusFlags extends ClientFlags {
  readonly output?: string;
}

export async function status(flags: StatusFlags): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const client = connect(flags);
  try {
    const document = (await orFail(client.call('GET', '/weft/v1/proxies'))) as unknown as ProxiesDocument;
    if (format === 'json') process.stdout.write(toJson(document));
    else print(document.proxies);
    return document.proxies.some(({ state }) => state === 'rejected') ? EXIT_REFUSED : EXIT_OK;
  } finally {
    client.close();
  }
}

/** `weft/1:3 h2:1`; `-` calls nobody. */
const hopsText = (hops: ProxyDocument['hops']): string =>
  Object.entries(hops)
    .map(([hop, count]) => `${hop}:${count}`)
    .join(' ') || '-';

function print(proxies: readonly ProxyDocument[]): void {
  if (proxies.length === 0) {
    process.stderr.write('no proxy has joined\n');
    return;
  }
  const now = systemWallClock.now();
  const left = (text: string): string => (text === '' ? '-' : formatAge(Date.parse(text) - now));
  const since = (text: string): string => (text === '' ? '-' : formatAge(now - Date.parse(text)));
  process.stdout.write(
    formatTable(
      ['NAMESPACE', 'WORKLOAD', 'MESH', 'ENGINE', 'STATE', 'SINCE', 'CERTIFICATE', 'HOPS'],
      proxies.map((proxy) => [
        proxy.namespace,
        proxy.name,
        proxy.mesh,
        `${proxy.engine} ${proxy.engineVersion}`.trim() || '-',
        proxy.state,
        since(proxy.since),
        left(proxy.certificateExpires),
        hopsText(proxy.hops),
      ]),
    ),
  );
  for (const { namespace, name, reasons, notes } of proxies) {
    for (const text of [...reasons, ...notes.map((note) => `note: ${note}`)])
      process.stdout.write(`\n${namespace}/${name}: ${text}\n`);
  }
}
